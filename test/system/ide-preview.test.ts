import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { IdeSandbox } from '../support/ide-sandbox.ts'
import { eventually } from '../support/omega.ts'

/** The preview pane as a person uses it, beside a React app on Vite, in a real container. */
let place: IdeSandbox

const noise = `console.log('hello from the page', { answer: 42, list: [1, 2, 3] })
console.warn('careful')
fetch('http://127.0.0.1:1/nobody').catch(() => {})
setTimeout(() => {
  throw new Error('nobody caught this')
})
`
const strict = `require('http').createServer((request, answer) => {
  answer.setHeader('content-security-policy', "default-src 'none'")
  answer.setHeader('x-frame-options', 'DENY')
  answer.setHeader('content-type', 'text/html')
  answer.end('<h1>strict</h1>')
}).listen(8002)`

beforeAll(async () => {
  place = await IdeSandbox.open('ide-preview')
})
afterAll(() => place?.close())

const pane = () => place.page.getByRole('region', { name: 'Preview', exact: true })
const address = () => pane().getByLabel('Path')
const addressIs = (path: string) =>
  eventually(async () => (await address().inputValue()) === path, `the address is ${path}`)
const button = (name: string | RegExp) => pane().getByRole('button', { name, exact: typeof name === 'string' })

describe("the app's preview", () => {
  it('opens by itself, and finds no trace of what watches it', async () => {
    await place.ide.preview().getByRole('heading', { name: 'Hello, React' }).waitFor({ timeout: 60_000 })
    await place.page.locator('iframe[title^="Preview: "]').waitFor()
    expect(await pane().getByLabel('Port').inputValue()).toBe('5173')
    const frame = await place.ide.frameOf(5173)
    expect(await frame.evaluate(() => document.documentElement.outerHTML)).not.toContain('_omega')
    await place.shot('preview')
  })

  it('shows what the page prints and what goes wrong in it, with the places in its files', async () => {
    await place.exec(`cat > src/noise.ts << 'END'\n${noise}END\nsed -i "1i import './noise.ts'" src/main.tsx`)
    const console = await place.ide.openConsole()
    const entry = (text: string) => console.locator('.entry').filter({ hasText: text })
    await entry('hello from the page').waitFor()
    await entry('careful').waitFor()
    await entry('http://127.0.0.1:1/nobody failed').waitFor()
    await entry('Error: nobody caught this').first().waitFor()
    await entry('hello from the page').getByRole('button', { expanded: false }).first().click()
    await console.getByText('answer:').last().waitFor()
    await button(/^Console of the page: .*errors, 1 warnings/).waitFor()
    await place.shot('preview-console')

    await console.getByRole('searchbox').fill('careful')
    await entry('hello from the page').waitFor({ state: 'detached' })
    await console.getByRole('searchbox').fill('')
    await console.getByRole('button', { name: /^Warnings/ }).click()
    await entry('careful').waitFor({ state: 'detached' })
    await console.getByRole('button', { name: /^Warnings/ }).click()

    await entry('nobody caught this').first().getByRole('button', { name: 'noise.ts:5' }).first().click()
    await place.page.getByRole('tab', { name: /noise\.ts/ }).waitFor()
    await place.page.getByText(/Ln 5, Col/).waitFor()

    await console.getByRole('button', { name: 'Empty the console' }).click()
    await console.getByText('Nothing was printed.').waitFor()
  })

  it('follows the page where it goes, and takes it back, forward and elsewhere', async () => {
    const frame = await place.ide.frameOf(5173)
    await frame.evaluate(() => history.pushState({}, '', '/pushed?x=1#top'))
    await addressIs('/pushed?x=1#top')
    await frame.evaluate(() => location.assign('/loaded'))
    await addressIs('/loaded')
    await button('Back').click()
    await addressIs('/pushed?x=1#top')
    await button('Back').click()
    await addressIs('/')
    await button('Forward').click()
    await addressIs('/pushed?x=1#top')
    await address().fill('typed/path?q')
    await address().press('Enter')
    await eventually(async () => frame.url().endsWith('/typed/path?q'), 'the page is where it was sent')
    await frame.evaluate(() => Object.assign(globalThis, { before: true }))
    await button('Reload the preview').click()
    await eventually(
      async () => frame.evaluate(() => document.readyState === 'complete' && !('before' in globalThis)),
      'the page was loaded again',
    )
    await addressIs('/typed/path?q')
    await address().fill('/')
    await address().press('Enter')
    await addressIs('/')
  })

  it('is shown on screens of other sizes', async () => {
    const frame = await place.ide.frameOf(5173)
    const width = (wanted: number) =>
      eventually(async () => (await frame.evaluate(() => innerWidth)) === wanted, `${wanted} wide`)
    await button("Show the page on a device's screen").click()
    await width(390)
    await place.shot('preview-device')
    await button('Turn the screen').click()
    await width(844)
    await pane().getByLabel('Device', { exact: true }).selectOption('Tablet')
    await width(1024)
    await pane().getByLabel('Width').fill('500')
    await pane().getByLabel('Width').press('Enter')
    await width(500)
    await place.page.reload()
    await place.ide.ready()
    await eventually(async () => (await pane().getByLabel('Width').inputValue()) === '500', 'the size is remembered')
    await button('Use the whole pane').click()
    await pane().getByLabel('Width').waitFor({ state: 'detached' })
    await place.ide.preview().getByRole('heading', { name: 'Hello, React' }).waitFor()
  })

  it('opens in a tab of its own, which is not watched', async () => {
    const opening = place.page.context().waitForEvent('page')
    await button('Open the preview in a new tab').click()
    const tab = await opening
    await tab.getByRole('heading', { name: 'Hello, React' }).waitFor()
    expect(tab.url()).not.toContain('token')
    const loaded = await tab.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name))
    expect(loaded.filter((url) => url.includes('_omega'))).toEqual([])
    await tab.close()
  })

  it('gives its address to phones and clipboards', async () => {
    await button('More for the preview').click()
    await place.page.getByRole('menuitem', { name: 'Open on a phone (QR code)' }).click()
    await place.page.getByRole('img', { name: /^QR code/ }).waitFor()
    await place.shot('preview-phone')
    await place.page.keyboard.press('Escape')
    await button('More for the preview').click()
    await place.page.getByRole('menuitem', { name: 'Copy the address' }).click()
    await place.page.getByText(/^Copied\. It opens for whoever/).waitFor()
  })
})

describe('any other port', () => {
  it('that begins to listen is offered, with what listens, and shown beside the first', async () => {
    const first = await place.ide.frameOf(5173)
    await first.evaluate(() => Object.assign(globalThis, { untouched: true }))
    await place.page
      .getByRole('tab', { name: /^Terminal/ })
      .first()
      .click()
    await place.ide.type('python3 -m http.server 8001 -d $(mkdir -p /tmp/listed/src && echo /tmp/listed)')
    const offer = place.page.getByText('http.server listens on port 8001.').first()
    await offer.waitFor()
    await place.page.getByRole('button', { name: 'Open here' }).click()
    await place.ide.preview().getByText('Directory listing for /').first().waitFor()
    await place.ide.preview().getByRole('link', { name: 'src/' }).click()
    await addressIs('/src/')
    await place.shot('preview-two')
    await pane().getByRole('tab', { name: /:5173/ }).click()
    await place.ide.preview().getByRole('heading', { name: 'Hello, React' }).waitFor()
    expect(await first.evaluate(() => 'untouched' in globalThis)).toBe(true)
  })

  it('is in the list of ports', async () => {
    await place.page.getByRole('tab', { name: /^Ports/ }).click()
    const row = place.page.getByTestId('port').filter({ hasText: '8001' })
    await row.getByText('http.server').waitFor()
    await row.getByText(/^http:\/\/8001-/).waitFor()
    await place.shot('preview-ports')
    await row.getByRole('button', { name: 'Open', exact: true }).click()
    await row.getByRole('button', { name: 'Show the terminal of port 8001' }).click()
  })

  it('that stops says so, and leads to its terminal', async () => {
    await place.page.locator('[data-testid=terminal]:visible .xterm-helper-textarea').focus()
    await place.page.keyboard.press('Control+C')
    await pane().getByText('Your server stopped').waitFor()
    await place.page.getByRole('tab', { name: /^Ports/ }).click()
    await button('Show its terminal').click()
    await place.page.locator('[data-testid=terminal]:visible').waitFor()
    await place.shot('preview-stopped')
    await place.ide.closePreviews()
  })

  it('whose pages may not be framed or watched is shown, and it is said why its console is silent', async () => {
    await place.exec(
      `cat > /tmp/strict.cjs << 'END'\n${strict}\nEND\n(setsid node /tmp/strict.cjs > /dev/null 2>&1 < /dev/null &)`,
    )
    await place.page.getByText('strict.cjs listens on port 8002.').first().waitFor()
    await place.ide.openPort(8002)
    await place.ide.preview().getByRole('heading', { name: 'strict' }).waitFor()
    const console = await place.ide.openConsole()
    await console.getByText(/content security policy of this page forbids/).waitFor()
    await place.shot('preview-strict')
    await place.ide.closePreviews()
  })
})

it('a phone has it, too', async () => {
  const phone = await place.anotherBrowser({ viewport: { width: 390, height: 844 }, phone: true })
  try {
    await phone.page.getByRole('tab', { name: 'Preview' }).click()
    await phone.ide.preview().getByRole('heading', { name: 'Hello, React' }).waitFor()
    const scroll = await phone.page.evaluate(() => document.documentElement.scrollWidth)
    expect(scroll).toBeLessThanOrEqual(390)
    await place.shot('preview-on-phone', phone.page)
  } finally {
    await phone.close()
  }
})
