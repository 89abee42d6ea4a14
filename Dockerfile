# The one image that runs every role of omega, and the images of the templates, which are the same with a project in it.
#
#   docker build -t omega .
#   docker build -t omega-template-react --target template --build-arg TEMPLATE=react .
#
# `omega template build` (and `omega up`, by itself) builds all of them with the stages below, through the engine's API.
# It adds to the build context what it has at hand, in .image/, and what is missing there a stage gets for itself:
#   .image/ca/*.crt   certificate authorities of this network, where it has its own (put them there for a plain build)
#   .image/node/      Node.js and npm, from npm's packages
#   .image/omega/     the built program
# Only what the classic builder knows is used: no BuildKit syntax.
ARG BASE_IMAGE=debian:bookworm-slim

# Debian with the tools people expect in a terminal.
FROM ${BASE_IMAGE} AS debian
COPY .dockerignore .image/ca/*.crt /usr/local/share/ca-certificates/
RUN rm /usr/local/share/ca-certificates/.dockerignore \
 && export DEBIAN_FRONTEND=noninteractive \
 && apt-get update \
 && apt-get install -y --no-install-recommends \
      bash black ca-certificates curl git htop less nano openssh-client procps python3 python3-venv ripgrep tini vim-tiny \
 && update-ca-certificates \
 && ln -s /usr/bin/vim.tiny /usr/local/bin/vim \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/cache/debconf/*-old /var/log/*.log /var/log/apt \
 && git config --system init.defaultBranch main \
 && useradd --create-home --uid 1000 --shell /bin/bash coder \
 && install -d -o coder -g coder /home/coder/project

# Node.js and npm. Debian's own are too old: they only fetch the right ones.
FROM debian AS node
ARG NODE_MAJOR=24
COPY .dockerignore .image/nod[e] /opt/node/
RUN rm -f /opt/node/.dockerignore \
 && if [ ! -x /opt/node/bin/node ]; then \
      apt-get update && apt-get install -y --no-install-recommends nodejs npm \
      && npm install --prefix /opt/fetched --ignore-scripts --no-audit --no-fund \
           "node-linux-$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')@${NODE_MAJOR}" npm@11 \
      && mkdir -p /opt/node/bin /opt/node/lib/node_modules \
      && cp /opt/fetched/node_modules/node-linux-*/bin/node /opt/node/bin/ \
      && cp -r /opt/fetched/node_modules/npm /opt/node/lib/node_modules/; \
    fi \
 && ln -sf ../lib/node_modules/npm/bin/npm-cli.js /opt/node/bin/npm \
 && ln -sf ../lib/node_modules/npm/bin/npx-cli.js /opt/node/bin/npx \
 && chmod 755 /opt/node/bin/node /opt/node/lib/node_modules/npm/bin/*-cli.js

# What all images have in common: everything but omega itself and a project.
FROM debian AS base
COPY --from=node /opt/node/ /usr/local/
ARG NPM_CONFIG_REGISTRY
RUN mkdir -p /usr/local/etc \
 && printf 'prefix=/home/coder/.local\nfund=false\naudit=false\nupdate-notifier=false\n' > /usr/local/etc/npmrc \
 && if [ -n "${NPM_CONFIG_REGISTRY}" ]; then echo "registry=${NPM_CONFIG_REGISTRY}" >> /usr/local/etc/npmrc; fi \
 && ln -s /opt/omega/dist/bin/omega.js /usr/local/bin/omega
ENV HOME=/home/coder \
    LANG=C.UTF-8 \
    NODE_USE_SYSTEM_CA=1 \
    PATH=/home/coder/.local/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    SHELL=/bin/bash \
    USER=coder
# Language servers and what formats Python (black, above). The one for HTML, CSS and JSON comes with omega.
RUN npm install --prefix /opt/language-servers --ignore-scripts --loglevel=error \
      --cache /tmp/npm typescript@7.0.2 basedpyright@1.40.1 \
 && rm -rf /tmp/npm /opt/language-servers/node_modules/basedpyright/dist/*.map
WORKDIR /home/coder
ENTRYPOINT ["tini", "-s", "--", "node", "/opt/omega/dist/bin/omega.js"]

# omega, built here unless it came built. Then one start of a worker, which leaves V8's compiled code for all later ones;
# Node.js keeps it for each user apart.
FROM base AS build
COPY .dockerignore .image/omeg[a] /opt/omega/
COPY . /src/
RUN if [ ! -f /opt/omega/dist/bin/omega.js ]; then \
      rm -rf /opt/omega && cd /src && npm ci && node scripts/build.mjs && node dist/bin/omega.js template context /opt/omega \
      && chmod -R u=rwX,go=rX /opt/omega; \
    fi \
 && chmod 755 /opt/omega/dist/bin/omega.js \
 && install -d -o coder -g coder /opt/omega/.cache/compile /tmp/first \
 && echo '{"title":"First","description":"First start","icon":"first","port":0,"start":""}' > /tmp/first/template.json \
 && for seconds in 3 10 60; do \
      setpriv --reuid=coder --regid=coder --clear-groups timeout --preserve-status -s TERM $seconds node /opt/omega/dist/bin/omega.js \
        serve --role=worker --port=0 --root=/tmp/first --template-dir=/tmp/first --state-dir=/tmp/first/state && break; \
    done \
 && chown -R root:root /opt/omega/.cache && chmod -R u=rwX,go=rX /opt/omega/.cache && test -n "$(ls /opt/omega/.cache/compile)"

# A template's project: its files, its dependencies, and what its prepare.sh makes ready.
FROM base AS project
ARG TEMPLATE=react
USER coder
WORKDIR /home/coder/project
COPY --chown=coder:coder templates/${TEMPLATE}/template.json templates/${TEMPLATE}/files/package*.json ./
RUN rm template.json && if [ -f package-lock.json ]; then npm ci --ignore-scripts --cache /tmp/npm && rm -rf /tmp/npm; fi
COPY --chown=coder:coder templates/${TEMPLATE}/files/ ./
COPY templates/${TEMPLATE}/template.json templates/${TEMPLATE}/prepare.s[h] /opt/omega-template/
RUN if [ -f /opt/omega-template/prepare.sh ]; then sh -e /opt/omega-template/prepare.sh; fi

# The image of a template. omega comes last, so that a new omega takes one layer and no new installation.
FROM project AS template
COPY --from=build /opt/omega/ /opt/omega/
EXPOSE 8080
CMD ["serve", "--role=worker", "--listen", "0.0.0.0", "--port", "8080", "--root", "/home/coder/project", "--template-dir", "/opt/omega-template"]

FROM base AS omega
COPY --from=build /opt/omega/ /opt/omega/
USER coder
CMD ["--help"]
