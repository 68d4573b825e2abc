"""Training rows for pretrain.py, from the symbols that corpus/pack.mjs has packed. Sequences are those of src/codecs/layout.ts:

  plain    start, file, path, text, end
  infill   start, file, path, suffix, S, prefix, P, middle, M, end

drawn as src/train/rowSampler.ts draws them, with three differences: files of the same repository come before the file in a share of the
draws; many holes begin with the line feed before a line, where completion puts its mark; and a sequence with a hole has a length drawn at
random, so that a long row has several. A batch is a function of seed and number.
"""

import json
import lzma
import multiprocessing
import os
import queue
from concurrent.futures import ThreadPoolExecutor

import numpy as np

FORMAT_VERSION = 1
EXTENSION_TEMPER = 0.7
FROM_BEGINNING = 0.25
MIN_INFILL_ROOM = 64
MIN_INFILL_LENGTH = 8
SUFFIX_SHARES = (0.1, 0.25, 0.35)
MEAN_SPAN_LENGTH = 16
MIN_HOLE_CONTEXT = 256
MIX = {"infill": 0.5, "header": 0.75, "neighbors": 0.4, "line_holes": 0.45}
# Where other files are put before one, they get this share of the room, and come from this near in the order of paths.
NEIGHBOR_SHARE = 0.5
NEIGHBOR_DISTANCE = 6
QUEUED_BATCHES = 3


class Pack:
    """The documents of one part, `train` or `heldout`, of those shards that are there: the others may still be on their way."""

    def __init__(self, folder, part):
        with open(os.path.join(folder, "pack.json"), encoding="utf-8") as file:
            self.meta = json.load(file)
        if self.meta["formatVersion"] != FORMAT_VERSION:
            raise ValueError(f"pack: expected format version {FORMAT_VERSION}, got {self.meta['formatVersion']}; pack again")
        self.specials = self.meta["specials"]
        self.symbol_bytes = np.array(self.meta["symbolBytes"], np.int64)
        self.ends_line = np.array(self.meta["endsLine"], bool)
        shards = [s for s in self.meta["shards"] if s["part"] == part]
        present = [s for s in shards if os.path.exists(os.path.join(folder, s["file"]))]
        self.missing = len(shards) - len(present)
        if not present:
            raise FileNotFoundError(f"pack: expected a shard of part {part} in {folder}, got none")
        with ThreadPoolExecutor(max_workers=min(16, os.cpu_count() or 1)) as pool:
            loaded = list(pool.map(lambda s: read_shard(folder, s), present))
        self.symbols = np.concatenate([symbols for symbols, _ in loaded])
        rows = [row for _, rows in loaded for row in rows]
        self.header_length = np.array([int(r[2]) for r in rows], np.int64)
        self.length = np.array([int(r[3]) for r in rows], np.int64)
        ends = np.cumsum(self.header_length + self.length)
        if ends[-1] != len(self.symbols):
            raise ValueError(f"pack: expected {ends[-1]} symbols as the tables say, got {len(self.symbols)}; pack again")
        self.begin = ends - self.header_length - self.length
        self.paths = [r[1] for r in rows]
        self.extensions = [extension_of(path) for path in self.paths]
        repositories = [r[0] for r in rows]
        self.first_of_repository, self.end_of_repository = runs_of(repositories)

    def __len__(self):
        return len(self.paths)

    def header(self, document):
        return self.symbols[self.begin[document] : self.begin[document] + self.header_length[document]]

    def text(self, document):
        begin = self.begin[document] + self.header_length[document]
        return self.symbols[begin : begin + self.length[document]]


def read_shard(folder, shard):
    with lzma.open(os.path.join(folder, shard["file"])) as file:
        symbols = np.frombuffer(file.read(), "<u2")
    with lzma.open(os.path.join(folder, shard["documents"]), "rt", encoding="utf-8", newline="\n") as file:
        rows = [line.rstrip("\n").split("\t") for line in file]
    if len(symbols) != shard["symbols"]:
        raise ValueError(f"pack: {shard['file']}: expected {shard['symbols']} symbols, got {len(symbols)}; send it again")
    return symbols, rows


def runs_of(names):
    """For each place the beginning and the end of the run of equal names it is in."""
    starts = [i for i in range(len(names)) if i == 0 or names[i] != names[i - 1]] + [len(names)]
    first, end = np.zeros(len(names), np.int64), np.zeros(len(names), np.int64)
    for a, b in zip(starts, starts[1:]):
        first[a:b], end[a:b] = a, b
    return first, end


def extension_of(path):
    name = path.rsplit("/", 1)[-1]
    return name.rsplit(".", 1)[1].lower() if name.rfind(".") > 0 else ""


class RowSampler:
    def __init__(self, pack, time, mix, seed):
        self.pack, self.time, self.mix, self.seed = pack, time, mix, seed
        sizes = {}
        for extension, length in zip(pack.extensions, pack.length):
            sizes[extension] = sizes.get(extension, 0) + int(length)
        weights = pack.length * np.array([sizes[e] ** (EXTENSION_TEMPER - 1) if sizes[e] else 0 for e in pack.extensions])
        self.cumulative = np.cumsum(weights) / weights.sum()

    def batch(self, number, rows):
        """Batch `number` of the run: [rows, time + 1], inputs are all but the last, targets all but the first."""
        random = np.random.default_rng([self.seed, number])
        batch = np.empty((rows, self.time + 1), np.uint16)
        for row in batch:
            self.fill(row, random)
        return batch

    def fill(self, row, random):
        at = 0
        while at < len(row):
            document = int(np.searchsorted(self.cumulative, random.random(), side="right"))
            document = min(document, len(self.pack) - 1)
            if random.random() < self.mix["neighbors"]:
                at = self.write_neighbors(row, at, document, random)
            with_header = random.random() < self.mix["header"]
            written = self.write_infill(row, at, document, with_header, random) if random.random() < self.mix["infill"] else None
            at = written if written is not None else self.write_plain(row, at, document, with_header, random)

    def write_neighbors(self, row, at, document, random):
        """One to three other files of the repository from their beginnings, each with its path: what an editor has open beside it."""
        first, end = self.pack.first_of_repository[document], self.pack.end_of_repository[document]
        limit = at + int((len(row) - at) * NEIGHBOR_SHARE)
        if end - first < 2 or limit - at < 2 * MIN_INFILL_ROOM:
            return at
        near = np.arange(max(first, document - NEIGHBOR_DISTANCE), min(end, document + NEIGHBOR_DISTANCE + 1))
        chosen = random.permutation(near[near != document])[: 1 + random.integers(3)]
        room = (limit - at) // len(chosen)
        for other in chosen:
            header, text = self.pack.header(other), self.pack.text(other)
            if len(header) * 2 > room:
                continue
            at = copy(row, at, header)
            whole = len(text) < room - len(header)
            if not whole:
                text = text[: self.line_end_before(text, room - len(header))]
            at = copy(row, at, text)
            if whole:
                row[at] = self.pack.specials["end"]
                at += 1
        return at

    def line_end_before(self, text, length):
        """The number of symbols, at most `length`, after which a line ends; `length` where the last line is long."""
        ends = np.flatnonzero(self.pack.ends_line[text[length // 2 : length]])
        return length // 2 + int(ends[-1]) + 1 if len(ends) else length

    def write_start(self, row, at, document, with_header):
        header = self.pack.header(document) if with_header else [self.pack.specials["start"]]
        return copy(row, at, header[: len(row) - at])

    def write_plain(self, row, begin, document, with_header, random):
        text = self.pack.text(document)
        at = self.write_start(row, begin, document, with_header)
        room = len(row) - at
        start = 0
        if len(text) > room and random.random() >= FROM_BEGINNING:
            start = self.first_line_start(text, int(random.integers(len(text) - (room >> 1))), len(text) - 1)
        at = copy(row, at, text[start : start + room])
        if at < len(row):
            row[at] = self.pack.specials["end"]
            at += 1
        return at

    def write_infill(self, row, begin, document, with_header, random):
        """None when there is no room for a hole: a middle is never cut."""
        text, specials = self.pack.text(document), self.pack.specials
        if len(row) - begin < MIN_INFILL_ROOM or len(text) < MIN_INFILL_LENGTH:
            return None
        header_length = int(self.pack.header_length[document]) if with_header else 1
        # suffix, prefix, middle and end are four. Not always all that is left: a middle has some ten symbols, and a long row with one
        # hole would teach little else than plain text.
        room = len(row) - begin - header_length - 4
        if room > MIN_HOLE_CONTEXT:
            room = int(MIN_HOLE_CONTEXT * (room / MIN_HOLE_CONTEXT) ** random.random())
        hole = self.draw_hole(text, room >> 1, random)
        if hole is None:
            return None
        cut, resume = hole
        context = room - (resume - cut)
        share = SUFFIX_SHARES[random.integers(len(SUFFIX_SHARES))]
        suffix_length = min(len(text) - resume, max(int(context * share), context - cut))
        prefix_length = min(cut, context - suffix_length)
        start = 0
        if prefix_length < cut:
            start = self.first_line_start(text, cut - prefix_length, cut - (prefix_length >> 1))
        at = self.write_start(row, begin, document, with_header)
        at = copy(row, at, [specials["suffix"]])
        at = copy(row, at, text[resume : resume + suffix_length])
        at = copy(row, at, [specials["prefix"]])
        at = copy(row, at, text[start:cut])
        at = copy(row, at, [specials["middle"]])
        at = copy(row, at, text[cut:resume])
        return copy(row, at, [specials["end"]])

    def draw_hole(self, text, limit, random):
        """Where the hole begins and ends; of at most `limit` symbols, seldom empty."""
        for attempt in range(2):
            cut = int(random.integers(len(text)))
            inside = cut
            if random.random() < self.mix["line_holes"]:
                # The line feed before the line, with the indentation in the same symbol, is the first that is asked for.
                before = np.flatnonzero(self.pack.ends_line[text[max(0, cut - 64) : cut + 1]])
                if len(before):
                    cut = max(0, cut - 64) + int(before[-1])
                    inside = cut + 1
            kind = random.random()
            if kind < 0.6:
                resume = self.line_end(text, inside, 0)
            elif kind < 0.85:
                resume = self.line_end(text, inside, 1 + int(random.integers(4)))
            else:
                resume = min(len(text), cut + 1 + int(random.exponential(MEAN_SPAN_LENGTH)))
            if resume - cut > limit:
                resume = self.line_end(text, inside, 0)
            if resume - cut <= limit and (resume > cut or attempt == 1):
                return cut, resume
        return None

    def line_end(self, text, start, further):
        """Where the line of `start` ends, before its line feed, or the line `further` lines below; the text's end otherwise."""
        width = 128 * (further + 1)
        ends = np.flatnonzero(self.pack.ends_line[text[start : start + width]])
        if len(ends) <= further:
            ends = np.flatnonzero(self.pack.ends_line[text[start:]])
        return start + int(ends[further]) if len(ends) > further else len(text)

    def first_line_start(self, text, start, limit):
        """The first start of a line from `start` up to `limit`; `start` itself when there is none."""
        if start == 0:
            return 0
        ends = np.flatnonzero(self.pack.ends_line[text[start - 1 : limit]])
        return start + int(ends[0]) if len(ends) else start


def copy(row, at, symbols):
    row[at : at + len(symbols)] = symbols
    return at + len(symbols)


class Batches:
    """Batches in the order of their numbers, made ahead by processes: a GPU takes a million symbols in a second."""

    def __init__(self, sampler, rows, workers):
        self.sampler, self.rows, self.number = sampler, rows, 0
        context = multiprocessing.get_context("fork")
        self.first, self.begun = context.Value("q", 0), context.Event()
        self.queues = [context.Queue(QUEUED_BATCHES) for _ in range(workers)]
        self.processes = [context.Process(target=self._work, args=(w,), daemon=True) for w in range(workers)]
        for process in self.processes:
            process.start()

    def begin(self, number):
        self.number = self.first.value = number
        self.begun.set()

    def _work(self, worker):
        parent = os.getppid()
        while not self.begun.wait(timeout=2):
            if os.getppid() != parent:
                os._exit(1)
        count = len(self.queues)
        number = self.first.value + (worker - self.first.value) % count
        while True:
            batch = self.sampler.batch(number, self.rows)
            while True:
                try:
                    self.queues[worker].put(batch, timeout=2)
                    break
                except queue.Full:
                    if os.getppid() != parent:  # Killed: nobody takes it any more.
                        os._exit(1)
            number += count

    def next(self):
        number = self.number
        self.number += 1
        if not self.queues:
            return self.sampler.batch(number, self.rows)
        return self.queues[number % len(self.queues)].get()

    def close(self):
        for process in self.processes:
            process.terminate()
            process.join()


def whole_text_windows(pack, documents, context):
    """What `chainrule bits` counts: every symbol of a text and its end once, the start symbol before each window, no path; when the
    context is full it restarts from its last half. Yields (symbols [context + 1], first counted target, targets, document)."""
    start, end = pack.specials["start"], pack.specials["end"]
    stride = context - context // 2
    for document in documents:
        symbols = np.append(pack.text(document), np.uint16(end))
        counted = 0
        while counted < len(symbols):
            begin = 0 if counted < context else ((counted - context) // stride + 1) * stride
            to = min(len(symbols), begin + context)
            row = np.full(context + 1, end, np.uint16)
            row[0] = start
            row[1 : 1 + to - begin] = symbols[begin:to]
            yield row, counted - begin, to - begin, document
            counted = to
