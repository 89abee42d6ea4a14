# Bundles the dependencies for the dev server once, so that the first page comes at once.
node_modules/.bin/vite optimize
