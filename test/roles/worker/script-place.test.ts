import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parsePolicies, scriptAdmission, withFrame } from '../../../src/roles/worker/preview/page-policy.ts'
import { scriptPlace } from '../../../src/roles/worker/preview/script-place.ts'

describe('the place of our script', () => {
  it.each([
    ['<!doctype html><html><head>', '<title>x</title>'],
    ['<!DOCTYPE html>\n<!-- > --><html lang="a>b"\n class=\'c>d\'>\n  <HEAD data-x=">">', '\n<script>1</script>'],
    ['\u00ef\u00bb\u00bf<html><head\t>', '<meta charset=utf-8>'],
    ['<!doctype html>\n', '<title>no head</title>'],
    ['<!doctype html><html>\n', '<body>'],
    ['', 'Just words'],
    ['<?xml version="1.0"?><html>', '<script>'],
    ['<!-->', '<p>'],
    ['', '<header>'],
    ['', '<html-element>'],
    ['<html>', '<html>again'],
  ])('%j | %j', (before, after) => {
    expect(scriptPlace(before + after)).toBe(before.length)
  })

  it.each(['', ' ', '<', '<!', '<!-', '<!-- a', '<!doctype', '<ht', '<html', '<html a="', '<head', '<head a=b'])(
    'needs more than %j',
    (text) => {
      expect(scriptPlace(text)).toBe('more')
    },
  )

  it('does not change its mind when more of the page is there', () => {
    const piece = fc.constantFrom(
      '<!doctype html>',
      '<html>',
      '<head>',
      '<head a=">">',
      '<!-- <head> -->',
      ' ',
      'a',
      '<p>',
      '<',
      '>',
      '"',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), fc.string(), (pieces, more) => {
        const text = pieces.join('')
        const place = scriptPlace(text)
        if (place !== 'more') expect(scriptPlace(text + more)).toBe(place)
      }),
    )
  })
})

describe("a page's policy", () => {
  const origin = 'http://5173-a.omega.test:20000'
  const admitted = (...headers: string[]) => scriptAdmission(parsePolicies(headers), origin)

  it.each([
    ['', []],
    ['', ["script-src 'self'"]],
    ['', ["default-src *; img-src 'none'"]],
    ['', ['script-src http:']],
    ['', ['SCRIPT-SRC 5173-a.omega.test:20000']],
    ['', ["default-src 'none'; script-src-elem 'self'"]],
    ['abc', ["script-src 'nonce-abc' 'strict-dynamic'"]],
    ['abc', ["script-src 'self'", "script-src 'nonce-abc'"]],
    [undefined, ["script-src 'nonce-abc'", "script-src 'nonce-def'"]],
    [undefined, ["default-src 'none'"]],
    [undefined, ["script-src 'self', script-src 'none'"]],
    [undefined, ["script-src 'strict-dynamic' 'sha256-abc' 'self'"]],
    [undefined, ["script-src 'nonce-\"onload=x'"]],
    [undefined, ['sandbox allow-forms']],
    ['', ['sandbox allow-scripts']],
  ])('gives %j for %j', (nonce, headers) => {
    expect(admitted(...(headers as string[]))).toBe(nonce)
  })

  it("lets the IDE's page frame it, and nobody else than before", () => {
    const ide = 'http://a.omega.test:20000'
    expect(withFrame([], undefined, ide)).toEqual([])
    expect(withFrame([], 'DENY', ide)).toEqual([`frame-ancestors ${ide}`])
    expect(withFrame(["default-src 'self'"], 'sameorigin', ide)).toEqual([
      "default-src 'self'",
      `frame-ancestors 'self' ${ide}`,
    ])
    expect(withFrame(["frame-ancestors 'none'; img-src *", "frame-ancestors 'self'"], 'DENY', ide)).toEqual([
      `frame-ancestors ${ide}; img-src *`,
      `frame-ancestors 'self' ${ide}`,
    ])
  })
})
