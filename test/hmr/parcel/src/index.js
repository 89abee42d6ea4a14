import { show } from './text.js'

const button = document.getElementById('count')
show()
button.onclick = () => {
  button.textContent = String(Number(button.textContent) + 1)
}
