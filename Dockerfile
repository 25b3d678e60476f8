# Images of the worker and of redshift-local, which share everything up to their command. Debian, because the native parts (Temporal's
# core, PostgreSQL) are built for glibc.
ARG NODE_IMAGE=node:22-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY packages/redshift-local/package.json packages/redshift-local/
RUN npm ci
COPY tsconfig.json tsconfig.base.json ./
COPY bin bin
COPY packages packages
COPY src src
COPY sql sql
RUN node bin/prepare.mjs --build

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY packages/redshift-local/package.json packages/redshift-local/
RUN npm ci --omit=dev

FROM ${NODE_IMAGE} AS runtime
ENV NODE_ENV=production
WORKDIR /app
COPY --from=dependencies /app ./
COPY --from=build /app/bin bin
COPY --from=build /app/dist dist
COPY --from=build /app/sql sql
COPY --from=build /app/packages/redshift-local/bin packages/redshift-local/bin
COPY --from=build /app/packages/redshift-local/dist packages/redshift-local/dist

FROM runtime AS redshift-local
# Named volumes take over the owner of the folder they are mounted on.
RUN install --directory --owner=node --group=node --mode=0700 /var/lib/redshift-local \
 && install --directory --owner=node --group=node /ca
USER node
EXPOSE 7480 5439
ENTRYPOINT ["node", "packages/redshift-local/bin/redshift-local.mjs"]

FROM runtime AS worker
RUN install --directory --owner=node --group=node /ca /app/.starshift
USER node
ENTRYPOINT ["node", "bin/starshift.mjs"]
CMD ["worker"]
