# One image per app: docker build --build-arg APP=orders .   (Docker 25 or newer)
ARG NODE_IMAGE=node:24-bookworm-slim

# Manifests alone, so that the install layers are reused until a dependency changes.
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

# The lab with all that it measures: docker build --target lab -t latchkey-lab .
FROM source AS lab
# Its servers are programs that it starts and kills itself.
COPY --from=nats:2.12 /nats-server /usr/local/bin/
RUN apt-get update && apt-get install -y --no-install-recommends redis-server && rm -rf /var/lib/apt/lists/*
COPY deploy deploy
COPY dev dev
RUN node --input-type=module -e "import { setUp } from './dev/scripts/setup.mjs'; await setUp()"
VOLUME /latchkey/lab-reports
ENTRYPOINT ["node", "dev/scripts/lab.mjs"]

# Compiles once for all apps, and lays out for each what it needs: no development dependencies, no other
# app's packages, nothing that is needed to sign in what only verifies.
FROM source AS build
COPY dev/scripts dev/scripts
RUN npx tsc -b apps/auth/tsconfig.build.json apps/orders/tsconfig.build.json \
      apps/inventory/tsconfig.build.json apps/payments/tsconfig.build.json \
    && node dev/scripts/stage-app.mjs /staged auth orders inventory payments

FROM ${NODE_IMAGE}
ARG APP
# The second port is for health, metrics and documentation: no proxy forwards it. The pause is longer than a
# proxy keeps an idle connection (deploy/Caddyfile).
ENV NODE_ENV=production HOST=0.0.0.0 MANAGEMENT_PORT=9000 SHUTDOWN_DRAIN_SECONDS=5
WORKDIR /latchkey
COPY --from=build ["/staged/${APP:?name the app: --build-arg APP=auth, orders, inventory or payments}", "./"]
COPY deploy/health-check.sh ./
RUN ln -s apps/${APP} app
USER node
# Often while it starts, seldom afterwards.
HEALTHCHECK --interval=15s --timeout=3s --retries=3 --start-period=60s --start-interval=1s \
  CMD ["bash", "health-check.sh"]
CMD ["node", "app/dist/main.js"]
