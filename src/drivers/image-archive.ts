import type { Readable } from 'node:stream'
import Docker from 'dockerode'
import { OmegaError } from '../core/errors.ts'
import { imageOf } from '../core/template.ts'
import { saveImages } from './docker-connection.ts'
import { INPUTS_LABEL } from './template-images.ts'

/** omega's own image: hosts take the program out of it. */
const PROGRAM_IMAGE = 'omega:latest'

/** The hash of what omega's image here is built from; undefined where there is none, or no engine. */
export async function programBuild(docker = new Docker()): Promise<string | undefined> {
  const found = await docker
    .getImage(PROGRAM_IMAGE)
    .inspect()
    .catch(() => undefined)
  return found?.Config.Labels?.[INPUTS_LABEL]
}

/**
 * The images a host needs as one tar, as `docker load` takes it, from the engine of this machine: omega's own and those
 * of the templates. Rejects with NOT_INSTALLED when they are not there, saying how to make them.
 */
export async function imageArchive(templates: readonly string[], docker = new Docker()): Promise<Readable> {
  const names = [PROGRAM_IMAGE, ...templates.map(imageOf)]
  for (const name of names) {
    await docker
      .getImage(name)
      .inspect()
      .catch((error: { statusCode?: number; message: string }) => {
        const found = error.statusCode === 404 ? `there is no image ${name}` : error.message
        throw new OmegaError(
          'NOT_INSTALLED',
          `Hosts get their images from the engine of the master's machine, and ${found}. Run \`omega template build\` there, or use a machine image that has them.`,
        )
      })
  }
  return saveImages(docker, names)
}
