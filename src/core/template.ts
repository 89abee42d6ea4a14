import { type Static, Type } from 'typebox'

/** `template.json`: what a template tells about itself. The folder's name is the template's name. */
export const TemplateManifest = Type.Object(
  {
    title: Type.String({ minLength: 1, maxLength: 60 }),
    description: Type.String({ minLength: 1, maxLength: 200 }),
    /** A name of the page's icon set, or one emoji. */
    icon: Type.String({ minLength: 1, maxLength: 40 }),
    /** The port the start command's server listens on; 0 for none. The command gets it as $PORT. */
    port: Type.Integer({ minimum: 0, maximum: 65535 }),
    /** Shell command that starts the app, in the project's folder. */
    start: Type.String(),
    /** The file the editor opens the first time. */
    open: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
)
export type TemplateManifest = Static<typeof TemplateManifest>

export const Template = Type.Object({ name: Type.String(), ...TemplateManifest.properties })
export type Template = Static<typeof Template>

/** What a template's name looks like: the name of its folder and of its image. */
export const TEMPLATE_NAME = /^[a-z][a-z0-9-]{0,39}$/

/** The image a template is built into; `omega template build` makes it. The single place for these names. */
export function imageOf(template: string): string {
  return `omega-template-${template}:latest`
}
