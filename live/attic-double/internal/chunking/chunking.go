// Package chunking cuts streams where their content says so, so that a change moves only the cuts beside it.
package chunking

import (
	"errors"
	"io"
	"math/bits"
)

// gear has a random number for every byte. Chunks are shared only between streams that were cut by the same
// numbers: these are the double's own, and not the real server's.
var gear = numbers()

func numbers() (table [256]uint64) {
	state := uint64(0x9e3779b97f4a7c15)
	for i := range table {
		state ^= state << 13
		state ^= state >> 7
		state ^= state << 17
		table[i] = state * 0x2545f4914f6cdd1d
	}
	return table
}

// Cutter cuts a stream into chunks as FastCDC does: none is shorter than the minimum but the last, none longer than
// the maximum, and most are about the average.
type Cutter struct {
	from     io.Reader
	min, avg int
	buffer   []byte
	start    int
	filled   int
	ended    bool
}

// NewCutter cuts with these sizes, in bytes.
func NewCutter(from io.Reader, min, avg, max int) *Cutter {
	return &Cutter{from: from, min: min, avg: avg, buffer: make([]byte, max)}
}

// Next is the next chunk, a copy that is the caller's. At the end it is io.EOF.
func (c *Cutter) Next() ([]byte, error) {
	if err := c.fill(); err != nil {
		return nil, err
	}
	if c.filled == 0 {
		return nil, io.EOF
	}
	length := cut(c.buffer[:c.filled], c.min, c.avg)
	chunk := append([]byte(nil), c.buffer[:length]...)
	c.filled = copy(c.buffer, c.buffer[length:c.filled])
	return chunk, nil
}

func (c *Cutter) fill() error {
	if c.ended {
		return nil
	}
	read, err := io.ReadFull(c.from, c.buffer[c.filled:])
	c.filled += read
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		// The body of a request ends with io.EOF alone, when it is complete.
		c.ended = true
		return nil
	}
	return err
}

// cut is the length of the first chunk. Below the average it is harder to end one, above it easier.
func cut(data []byte, min, avg int) int {
	if len(data) <= min {
		return len(data)
	}
	middle := bits.Len(uint(avg)) - 1
	hard, easy := mask(middle+1), mask(middle-1)
	hash := uint64(0)
	for i := min; i < len(data); i++ {
		hash = hash<<1 + gear[data[i]]
		if (i < avg && hash&hard == 0) || (i >= avg && hash&easy == 0) {
			return i + 1
		}
	}
	return len(data)
}

// mask has so many of the highest bits, which every byte of the last 64 has an influence on.
func mask(count int) uint64 {
	if count <= 0 {
		return 0
	}
	return ^uint64(0) << (64 - count)
}
