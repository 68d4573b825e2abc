"""Counts words in text files."""

import sys
from collections import Counter
from pathlib import Path


def words(text):
    """The words of a text, in lower case, without punctuation."""
    for word in text.lower().split():
        word = word.strip(".,;:!?()[]\"'")
        if word:
            yield word


def count_words(text):
    """How often each word occurs."""
    return Counter(words(text))


def most_common(text, limit=10):
    """The most frequent words and their counts."""
    return count_words(text).most_common(limit)


def average_length(text):
    """The mean length of a word; 0 for an empty text."""
    lengths = [len(word) for word in words(text)]
    if not lengths:
        return 0
    return sum(lengths) / len(lengths)


def main():
    for name in sys.argv[1:]:
        text = Path(name).read_text(encoding="utf-8")
        print(f"{name}: {sum(count_words(text).values())} words")
        for word, count in most_common(text):
            print(f"{count:6} {word}")


if __name__ == "__main__":
    main()
