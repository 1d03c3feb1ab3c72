# One image per app: docker build --build-arg APP=orders .
ARG NODE_IMAGE=node:24-bookworm-slim

# Manifests alone, so that the install layers are reused until a dependency changes.
FROM ${NODE_IMAGE} AS manifests
WORKDIR /latchkey
COPY . /source
RUN cd /source && find package.json package-lock.json .npmrc apps/*/package.json libs/*/package.json \
    | xargs -I{} install -D -m 644 {} /latchkey/{}

FROM ${NODE_IMAGE} AS source
WORKDIR /latchkey
COPY --from=manifests /latchkey ./
RUN npm ci
COPY tsconfig.json tsconfig.base.json ./
COPY libs libs
COPY apps apps

# The lab with all that it measures: docker build --target lab -t latchkey-lab .
FROM source AS lab
# Its servers are programs that it starts and kills itself.
COPY --from=nats:2.12 /nats-server /usr/local/bin/
RUN apt-get update && apt-get install -y --no-install-recommends redis-server && rm -rf /var/lib/apt/lists/*
COPY deploy deploy
COPY tools tools
RUN node --input-type=module -e "import { setUp } from './tools/setup.mjs'; await setUp()"
VOLUME /latchkey/lab-reports
ENTRYPOINT ["node", "tools/lab.mjs"]

FROM source AS build
ARG APP
RUN npx tsc -b apps/${APP}/tsconfig.build.json

# What the one app needs at run time: no development dependencies, no other app's packages.
FROM ${NODE_IMAGE} AS production-dependencies
WORKDIR /latchkey
COPY --from=manifests /latchkey ./
ARG APP
RUN npm ci --omit=dev --workspace @latchkey/${APP}

FROM ${NODE_IMAGE}
ARG APP
ENV NODE_ENV=production HOST=0.0.0.0
WORKDIR /latchkey
COPY --from=production-dependencies /latchkey ./
COPY --from=build /latchkey/libs libs
COPY --from=build /latchkey/apps/${APP} apps/${APP}
RUN ln -s apps/${APP} app
USER node
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s --retries=6 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/ready`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--enable-source-maps", "app/dist/main.js"]
