// Elements of a page, made in one expression; and filling one again only when what it shows has changed, so that a page that
// is told everything several times a second keeps its focus, its selection and what was opened.

type Attributes = Readonly<Record<string, string | number | boolean | ((event: Event) => void)>>;
type Child = Node | string;

export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  setAttributes(made, attributes);
  made.append(...children);
  return made;
}

export function svgElement<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[Tag] {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  setAttributes(made, attributes);
  made.append(...children);
  return made;
}

/** A function attribute listens to the event of its name; true is an attribute without a value, false none. */
function setAttributes(target: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') target.addEventListener(name, value);
    else if (value !== false) target.setAttribute(name, value === true ? '' : String(value));
  }
}

/** A function that fills the element with what `render` makes of the data, when the data is another than the last time. */
export function filler<Data>(target: Element, render: (data: Data) => readonly Child[]): (data: Data) => void {
  let last: string | undefined;
  return (data) => {
    const now = JSON.stringify(data);
    if (now === last) return;
    last = now;
    target.replaceChildren(...render(data));
  };
}

/** The page's side of the wire. */
export interface Shell<Message> {
  postMessage(message: Message): void;
  /** What the editor keeps of the page while it is hidden and over a reload. */
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): Shell<unknown>;

/**
 * Listens for the shell's messages, each checked by `read`, and asks for everything. A message that is none is told to the
 * developer tools and otherwise passed over.
 */
export function connect<In, Out>(
  read: (value: unknown) => In,
  receive: (message: In, shell: Shell<Out>) => void,
  connected: (shell: Shell<Out>) => void = () => undefined,
): void {
  const shell: Shell<unknown> = acquireVsCodeApi();
  connected(shell);
  window.addEventListener('message', (event) => {
    let message: In;
    try {
      message = read(event.data);
    } catch (error) {
      console.error(error);
      return;
    }
    receive(message, shell);
  });
  shell.postMessage({ kind: 'ready' });
}
