import { join } from 'node:path'
import { Command } from 'commander'
import { OmegaError } from '../core/errors.ts'
import type { Template } from '../core/template.ts'
import { packageRoot } from '../drivers/package-root.ts'

/** `omega template`: what sandboxes start from, and the images made of it. */
export function templateCommand(): Command {
  const command = new Command('template').description('What sandboxes start from, and the images made of it.')
  command
    .command('list')
    .description('List the templates of this installation.')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  omega template list --json | jq -r ".[].name"')
    .action(async (flags: { json?: boolean }) => {
      const { TemplateCatalog } = await import('../drivers/template-catalog.ts')
      const templates = await new TemplateCatalog(join(packageRoot, 'templates')).list()
      process.stdout.write(flags.json ? `${JSON.stringify(templates, null, 2)}\n` : asText(templates))
    })
  command
    .command('build')
    .description('Build the images of templates (all of them unless named) where something has changed.')
    .argument('[names...]', 'templates')
    .option('--force', 'build even what has not changed')
    .option('--base-image <image>', 'what to build on, e.g. a Debian of your own registry')
    .addHelpText('after', '\nExamples:\n  omega template build\n  omega template build react --force')
    .action(async (names: string[], flags: { force?: boolean; baseImage?: string }) => {
      const [{ default: Docker }, { ensureImages }] = await Promise.all([
        import('dockerode'),
        import('../drivers/template-images.ts'),
      ])
      await ensureImages({
        docker: new Docker(),
        ...(names.length > 0 ? { names } : {}),
        ...(flags.baseImage ? { baseImage: flags.baseImage } : {}),
        force: flags.force ?? false,
        onProgress: (line) => process.stderr.write(`${line}\n`),
      })
      process.stderr.write('All images are up to date.\n')
    })
  command
    .command('context', { hidden: true })
    .description("Write what the image holds below /opt/omega; the Dockerfile's own build uses it.")
    .argument('<folder>', 'where to write it; must not exist')
    .action(async (folder: string) => {
      const { existsSync } = await import('node:fs')
      if (existsSync(folder)) throw new OmegaError('INVALID_REQUEST', `${folder} exists. Name a new folder.`)
      const { programParts, writeProgram } = await import('../drivers/image-program.ts')
      await writeProgram(await programParts(packageRoot), folder)
    })
  return command
}

function asText(templates: readonly Template[]): string {
  const width = Math.max(4, ...templates.map(({ name }) => name.length))
  const lines = templates.map(({ name, description }) => `${name.padEnd(width)}  ${description}`)
  return `${['NAME'.padEnd(width).concat('  DESCRIPTION'), ...lines].join('\n')}\n`
}
