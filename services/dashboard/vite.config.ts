import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';
import { CHART_STYLE } from '../../charts/chart-style.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const outDir = fileURLToPath(new URL('../../dist/services/dashboard', import.meta.url));

/** Smaller files gain nothing. */
const LEAST_BYTES = 1024;

/** The style of the charts, which the report shares: `import 'virtual:charts.css'`. */
function chartStyle(): Plugin {
  const id = 'virtual:charts.css';
  return {
    name: 'chart-style',
    resolveId: (source) => (source === id ? `\0${id}` : undefined),
    load: (source) => (source === `\0${id}` ? CHART_STYLE : undefined),
  };
}

/** Compressed once, here, and not with every answer. */
function precompress(): Plugin {
  return {
    name: 'precompress',
    apply: 'build',
    closeBundle() {
      const files = readdirSync(outDir, { recursive: true, encoding: 'utf8' });
      for (const file of files.filter((name) => /\.(html|js|css|svg)$/.test(name))) {
        const bytes = readFileSync(join(outDir, file));
        if (bytes.length < LEAST_BYTES) continue;
        writeFileSync(
          join(outDir, `${file}.br`),
          brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
        );
        writeFileSync(join(outDir, `${file}.gz`), gzipSync(bytes, { level: 9 }));
      }
    },
  };
}

export default defineConfig({
  root: here,
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [chartStyle(), precompress()],
  // Module workers, so that a runtime is loaded only when it is chosen.
  worker: { format: 'es' },
  build: {
    outDir,
    emptyOutDir: true,
    target: 'es2022',
    // Inlined assets would need `data:` in the page's policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    sourcemap: false,
    chunkSizeWarningLimit: 4000,
    rolldownOptions: {
      checks: { pluginTimings: false },
    },
  },
  // `npx vite services/dashboard` while working on the page, beside a running service.
  server: {
    proxy: {
      '^/(jobs|queue|devices|adaptations|latency-table|estimate|inspect|zoo|measure|events|session|readyz)':
        'http://127.0.0.1:8787',
    },
  },
});
