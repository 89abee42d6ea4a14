// Imported first, so that an old Node.js is told so before anything else can fail in it.
const needed = [20, 19]
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < needed[0] || (major === needed[0] && minor < needed[1])) {
  console.error(
    `This is Node.js ${process.versions.node}. omega needs ${needed.join('.')} or newer: https://nodejs.org`,
  )
  process.exit(1)
}
