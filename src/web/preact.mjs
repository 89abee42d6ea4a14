/**
 * For Vite's settings: the pages are written for React, and Preact runs them, which is a fifth less code and a tenth less
 * time until one can type in the IDE. Preact's types are not React's to the letter, so React's are used.
 */
export const preact = {
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  resolve: {
    alias: {
      'react-dom/client': 'preact/compat/client',
      'react-dom': 'preact/compat',
      react: 'preact/compat',
    },
  },
}
