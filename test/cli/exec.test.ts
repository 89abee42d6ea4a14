import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { commandAfter } from '../../src/cli/exec.ts'
import { collect } from '../../src/cli/pairs.ts'

/** What `omega sandbox exec NAME ...` finds to run, and its flags. */
async function parse(...argv: string[]): Promise<{ words: string[]; env: string[]; tty?: true }> {
  let found: string[] = []
  const program = new Command('omega').enablePositionalOptions().exitOverride()
  const command = program
    .command('exec <NAME> [COMMAND...]')
    .option('--env <K=V>', 'variable', collect, [])
    .option('-t, --tty', 'terminal')
    .passThroughOptions()
    .action((_name: string, given: string[]) => {
      found = commandAfter(given, command)
    })
  await program.parseAsync(['exec', ...argv], { from: 'user' })
  return { words: found, ...(command.opts() as { env: string[] }) }
}

describe('the words of an exec', () => {
  it('are those after the dashes, or after the name', async () => {
    expect((await parse('box', '--', 'ls', '-la')).words).toEqual(['ls', '-la'])
    expect((await parse('box', 'ls', '-la')).words).toEqual(['ls', '-la'])
    expect((await parse('box', '--', 'sh', '-c', 'x', '--', 'y')).words).toEqual(['sh', '-c', 'x', '--', 'y'])
    expect((await parse('box', 'git', 'log', '--', 'file')).words).toEqual(['git', 'log', '--', 'file'])
  })

  it('leave our flags to us, before the name and behind it', async () => {
    const both = await parse('--env', 'A=1', 'box', '-t', '--env', 'B=2', '--', 'env', '-t')
    expect(both).toEqual({ words: ['env', '-t'], env: ['A=1', 'B=2'], tty: true })
  })

  it('must be some, and flags must be known', async () => {
    for (const argv of [['box'], ['box', '--'], ['box', '-t', '--']]) {
      await expect(parse(...argv)).rejects.toThrow('No command was given')
    }
    await expect(parse('box', '--nope', '--', 'ls')).rejects.toThrow('"--nope" is no option of exec')
  })
})
