const hints = {
  parameterNames: { enabled: 'literals' },
  parameterTypes: { enabled: true },
  variableTypes: { enabled: false },
  propertyDeclarationTypes: { enabled: true },
  functionLikeReturnTypes: { enabled: true },
}

const pythonAnalysis = {
  // The strictest of its levels by default would mark every line of a beginner.
  typeCheckingMode: 'standard',
  diagnosticMode: 'openFilesOnly',
  autoImportCompletions: true,
  autoSearchPaths: true,
  useLibraryCodeForTypes: true,
}

/** What servers ask for by `workspace/configuration`. */
const sections: Record<string, unknown> = {
  typescript: { inlayHints: hints, preferences: { includePackageJsonAutoImports: 'auto' } },
  javascript: { inlayHints: hints },
  'js/ts': { inlayHints: hints },
  basedpyright: { analysis: pythonAnalysis },
}

/** The settings of a section for a server. `python`: the interpreter of the project, if it has one of its own. */
export function settingsOf(section: string | undefined, python: string | undefined): unknown {
  if (section === 'python') return { analysis: pythonAnalysis, ...(python === undefined ? {} : { pythonPath: python }) }
  return (section !== undefined && Object.hasOwn(sections, section) && sections[section]) || null
}
