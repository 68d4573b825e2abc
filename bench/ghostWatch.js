// Runs in the editor's page: notes when keys go down and when the ghost text changes, both by the page's own clock. A change
// is seen when the page's content has it; the screen has it one frame later.
(() => {
  const ghostText = '.ghost-text-decoration, .ghost-text-decoration-preview, .suggest-preview-text .view-line';
  /** The last key, the ghost text before it, and the first ghost text after it. */
  let last = { key: '', atMs: 0, before: '', shown: undefined };
  let ghost = '';
  let tell = () => undefined;

  const look = () => {
    const text = [...document.querySelectorAll(ghostText)].map((span) => span.textContent).join('');
    if (text === ghost) return;
    ghost = text;
    if (text === '' || last.shown) return;
    last.shown = { elapsedMs: performance.now() - last.atMs, text };
    tell();
  };
  const note = (event) => {
    last = { key: event.key, atMs: event.timeStamp, before: ghost, shown: undefined };
  };
  window.addEventListener('keydown', note, { capture: true });
  new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });

  window.ghostWatch = {
    /** The last key and what was shown after it; after the timeout without `shown`. */
    shown: (timeoutMs) =>
      new Promise((resolve) => {
        const answer = () => resolve(last);
        tell = answer;
        if (last.shown) answer();
        else setTimeout(answer, timeoutMs);
      }),
  };
})();
