/** Rollup-style plugin, for the bundle and for the tests: `import source from './place.lua'` gives the file's text. */
export const textModules = () => ({
  name: 'text-modules',
  transform(code, id) {
    if (!/\.(?:lua|sh)$/.test(id)) return null
    return { code: `export default ${JSON.stringify(code)}`, map: null, moduleType: 'js' }
  },
})
