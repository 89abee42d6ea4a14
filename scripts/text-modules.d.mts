import type { Plugin } from 'rolldown'

export function textModules(): Plugin
