// Package queue holds values until somebody takes them, first in, first out.
package queue

import "errors"

// ErrEmpty is returned when there is nothing to take.
var ErrEmpty = errors.New("queue: empty")

// Queue is a ring of values that grows when it is full.
type Queue struct {
	values []string
	first  int
	count  int
}

// New returns an empty queue with room for some values.
func New(room int) *Queue {
	if room < 1 {
		room = 1
	}
	return &Queue{values: make([]string, room)}
}

// Len is the number of values in the queue.
func (q *Queue) Len() int {
	return q.count
}

// Push adds a value at the end.
func (q *Queue) Push(value string) {
	if q.count == len(q.values) {
		q.grow()
	}
	q.values[(q.first+q.count)%len(q.values)] = value
	q.count++
}

// Pop takes the value at the front.
func (q *Queue) Pop() (string, error) {
	if q.count == 0 {
		return "", ErrEmpty
	}
	value := q.values[q.first]
	q.values[q.first] = ""
	q.first = (q.first + 1) % len(q.values)
	q.count--
	return value, nil
}

func (q *Queue) grow() {
	values := make([]string, 2*len(q.values))
	for i := 0; i < q.count; i++ {
		values[i] = q.values[(q.first+i)%len(q.values)]
	}
	q.values = values
	q.first = 0
}
