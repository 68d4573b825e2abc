// An extension beside the one that is measured: how long was the event loop of the extension host held up? It answers on the
// socket that CHAINRULE_BENCH_SOCKET names, every request with what happened since the request before it.
const http = require('node:http');
const { monitorEventLoopDelay } = require('node:perf_hooks');

const resolutionMs = 2;

exports.activate = (context) => {
  const delays = monitorEventLoopDelay({ resolution: resolutionMs });
  delays.enable();
  // On a busy machine the loop is late because others have the processor; what it computed itself in between is its own.
  let lastMs = cpuMs();
  let longestWorkMs = 0;
  const tick = () => {
    const nowMs = cpuMs();
    longestWorkMs = Math.max(longestWorkMs, nowMs - lastMs);
    lastMs = nowMs;
  };
  let ticks = setInterval(tick, resolutionMs);
  const rest = () => {
    clearInterval(ticks);
    ticks = undefined;
    delays.disable();
  };
  const watch = () => {
    if (ticks) return;
    delays.enable();
    lastMs = cpuMs();
    ticks = setInterval(tick, resolutionMs);
  };

  const server = http.createServer(({ url }, response) => {
    // Until the next question nothing ticks here, so that idling can be seen.
    if (url === '/rest') rest();
    else watch();
    // What is recorded is the time between two ticks, the wait of `resolutionMs` included.
    const longestStallMs = Math.max(0, delays.max / 1e6 - resolutionMs);
    const residentBytes = process.memoryUsage.rss();
    response.end(JSON.stringify({ pid: process.pid, longestStallMs, longestWorkMs, residentBytes }));
    delays.reset();
    longestWorkMs = 0;
  });
  server.listen(process.env.CHAINRULE_BENCH_SOCKET);
  context.subscriptions.push({
    dispose() {
      server.close();
      rest();
    },
  });
};

/** Processor time of this thread; of the whole process where Node is older than 23.9. */
function cpuMs() {
  const { user, system } = process.threadCpuUsage?.() ?? process.cpuUsage();
  return (user + system) / 1000;
}
