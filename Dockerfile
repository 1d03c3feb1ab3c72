# One image per app: docker build --build-arg APP=orders .   (Docker 25 or newer)
ARG NODE_IMAGE=node:24-bookworm-slim

# This stage holds only the manifests, so that the installed packages are reused until a dependency changes.
FROM ${NODE_IMAGE} AS manifests
WORKDIR /latchkey
COPY . /source
RUN cd /source && find package.json package-lock.json .npmrc \
      apps/*/package.json libs/*/package.json libs/internal/*/package.json dev/*/package.json \
    | xargs -I{} install -D -m 644 {} /latchkey/{}

FROM ${NODE_IMAGE} AS source
WORKDIR /latchkey
COPY --from=manifests /latchkey ./
RUN npm ci
COPY tsconfig.json tsconfig.base.json nx.json ./
COPY libs libs
COPY apps apps

# The lab and everything that it measures: docker build --target lab -t latchkey-lab .
FROM source AS lab
# The lab starts and kills its servers itself, as processes in its own container.
COPY --from=nats:2.12 /nats-server /usr/local/bin/
RUN apt-get update && apt-get install -y --no-install-recommends redis-server && rm -rf /var/lib/apt/lists/*
COPY deploy deploy
COPY dev dev
RUN node --input-type=module -e "import { setUp } from './dev/scripts/setup.mjs'; await setUp()"
VOLUME /latchkey/lab-reports
ENTRYPOINT ["node", "dev/scripts/lab.mjs"]

# This stage compiles all apps at once, then copies the files that each one needs to a folder of its own, without
# development dependencies or packages of other apps. An app that only verifies has no code that signs. The console is
# not a service: its files are in the image of auth, which serves them.
FROM source AS build
COPY dev/scripts dev/scripts
RUN node dev/scripts/compile.mjs $(ls -d apps/*/tsconfig.build.json | xargs dirname) && npx vite build apps/console \
    && node dev/scripts/stage-app.mjs /staged $(cd apps && ls */tsconfig.build.json | xargs dirname)

FROM ${NODE_IMAGE}
ARG APP
# The management port serves health, metrics and documentation, and no proxy forwards it. The drain pause is longer
# than the proxy keeps an idle connection (deploy/Caddyfile).
ENV NODE_ENV=production HOST=0.0.0.0 MANAGEMENT_PORT=9000 SHUTDOWN_DRAIN_SECONDS=5
WORKDIR /latchkey
COPY --from=build ["/staged/${APP:?name a folder of apps, such as --build-arg APP=auth}", "./"]
COPY deploy/health-check.sh ./
RUN ln -s apps/${APP} app
USER node
# Checks every second until the service is healthy, so that dependent containers start soon, then every 15 seconds.
HEALTHCHECK --interval=15s --timeout=3s --retries=3 --start-period=60s --start-interval=1s \
  CMD ["bash", "health-check.sh"]
CMD ["node", "app/dist/main.js"]
