# Builds Lutra with everything that compiles, then keeps what runs. Nothing is fetched when a container starts.
FROM node:20.20.2-bookworm-slim AS build
RUN apt-get update \
  && apt-get install -y --no-install-recommends python3 make g++ \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Scripts of packages are off; the one native module that the service needs is built by name.
RUN npm ci --ignore-scripts && npm rebuild better-sqlite3
COPY . .
RUN node scripts/build.mjs --clean \
  && npm prune --omit=dev --ignore-scripts \
  && find node_modules/onnxruntime-node/bin -mindepth 3 -maxdepth 3 -type d \
    ! -path "*/linux/$(node -p process.arch)" -exec rm -rf {} +

FROM node:20.20.2-bookworm-slim
ENV NODE_ENV=production LUTRA_DATA=/data
# Named volumes take over the owner of the folder that they cover.
RUN install -d -o node -g node /data /secrets /datasets
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
USER node
VOLUME ["/data"]
EXPOSE 8787
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "dist/cli/main.js"]
CMD ["--help"]
