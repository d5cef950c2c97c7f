// Package compression compresses chunks as the configuration says.
package compression

import (
	"bytes"
	"io"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"

	"attic-pulumi/attic-double/internal/config"
)

// Compressor compresses whole chunks and streams.
type Compressor struct {
	// Name is what narinfo and the database call it.
	Name  string
	kind  string
	level int
	zstd  *zstd.Encoder
}

// New makes a compressor, which may be used by many at once.
func New(settings config.Compression) (*Compressor, error) {
	name := settings.Type
	if name == "brotli" {
		name = "br"
	}
	c := &Compressor{Name: name, kind: settings.Type, level: settings.Level}
	if c.kind != "zstd" {
		return c, nil
	}
	var err error
	c.zstd, err = zstd.NewWriter(nil, c.zstdOptions(2)...)
	return c, err
}

func (c *Compressor) zstdOptions(concurrency int) []zstd.EOption {
	return []zstd.EOption{
		zstd.WithEncoderLevel(zstd.EncoderLevelFromZstd(c.level)),
		zstd.WithEncoderConcurrency(concurrency),
		zstd.WithLowerEncoderMem(true),
	}
}

// Bytes compresses what is in memory.
func (c *Compressor) Bytes(data []byte) ([]byte, error) {
	if c.zstd != nil {
		return c.zstd.EncodeAll(data, nil), nil
	}
	var into bytes.Buffer
	writer, err := c.writer(&into)
	if err != nil {
		return nil, err
	}
	if _, err := writer.Write(data); err != nil {
		return nil, err
	}
	err = writer.Close()
	return into.Bytes(), err
}

// Stream gives the compressed form of what it reads, and the error that reading ends with.
func (c *Compressor) Stream(from io.Reader) io.ReadCloser {
	reader, into := io.Pipe()
	go func() {
		writer, err := c.writer(into)
		if err == nil {
			_, err = io.Copy(writer, from)
		}
		if err == nil {
			err = writer.Close()
		}
		into.CloseWithError(err)
	}()
	return reader
}

func (c *Compressor) writer(into io.Writer) (io.WriteCloser, error) {
	switch c.kind {
	case "zstd":
		return zstd.NewWriter(into, c.zstdOptions(1)...)
	case "brotli":
		return brotli.NewWriterLevel(into, c.level), nil
	case "xz":
		return xz.NewWriter(into)
	}
	return plain{into}, nil
}

type plain struct{ io.Writer }

func (plain) Close() error { return nil }
