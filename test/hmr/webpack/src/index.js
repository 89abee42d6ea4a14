import { text } from './text.js'

const heading = document.getElementById('text')
const button = document.getElementById('count')
heading.textContent = text
button.onclick = () => {
  button.textContent = String(Number(button.textContent) + 1)
}

if (module.hot) {
  module.hot.accept('./text.js', () => {
    heading.textContent = text
  })
}
