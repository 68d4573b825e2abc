// An extension beside the one that is measured: how long was the event loop of the extension host held up? It answers on the
// socket that CHAINRULE_BENCH_SOCKET names, every request with what happened since the request before it.
const http = require('node:http');
const { monitorEventLoopDelay } = require('node:perf_hooks');

const resolutionMs = 2;

exports.activate = (context) => {
  const delays = monitorEventLoopDelay({ resolution: resolutionMs });
  delays.enable();
  const server = http.createServer((_, response) => {
    // What is recorded is the time between two ticks, the wait of `resolutionMs` included.
    const longestStallMs = Math.max(0, delays.max / 1e6 - resolutionMs);
    delays.reset();
    response.end(JSON.stringify({ longestStallMs, residentBytes: process.memoryUsage.rss() }));
  });
  server.listen(process.env.CHAINRULE_BENCH_SOCKET);
  context.subscriptions.push({
    dispose() {
      server.close();
      delays.disable();
    },
  });
};
