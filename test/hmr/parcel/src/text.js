const text = 'before the edit'

export function show() {
  document.getElementById('text').textContent = text
}

if (module.hot) module.hot.accept(() => show())
