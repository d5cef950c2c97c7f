// Package storage keeps chunks: in a bucket, or in a folder.
package storage

import (
	"context"
	"encoding/json"
	"errors"
	"io"

	"attic-pulumi/attic-double/internal/config"
)

// Store keeps files under names that are never used again.
type Store interface {
	// Put keeps what it reads.
	Put(ctx context.Context, name string, from io.Reader) error
	Delete(ctx context.Context, file Reference) error
	Open(ctx context.Context, file Reference) (io.ReadCloser, error)
	// Link is where a client can get the file for a while; empty when it must be served.
	Link(ctx context.Context, file Reference) (string, error)
	// Reference is what the database has of a file.
	Reference(name string) Reference
}

// Reference is where a file is, as the database has it: one of the two is set.
type Reference struct {
	S3    *S3File    `json:",omitempty"`
	Local *LocalFile `json:",omitempty"`
}

type S3File struct {
	Region string `json:"region"`
	Bucket string `json:"bucket"`
	Key    string `json:"key"`
}

type LocalFile struct {
	Name string `json:"name"`
}

// ID is the same for no other file.
func (r Reference) ID() string {
	if r.S3 != nil {
		return "s3:" + r.S3.Region + "/" + r.S3.Bucket + "/" + r.S3.Key
	}
	return "local:" + r.Local.Name
}

// JSON is the form that the database has.
func (r Reference) JSON() string {
	text, _ := json.Marshal(r)
	return string(text)
}

// ParseReference reads that form.
func ParseReference(text string) (r Reference, err error) {
	if err = json.Unmarshal([]byte(text), &r); err == nil && r.S3 == nil && r.Local == nil {
		err = errors.New("a file that is in no known storage")
	}
	return r, err
}

// errForeign is about a file of the other kind of storage.
var errForeign = errors.New("does not understand the remote file reference")

// Open finds the configured storage.
func Open(ctx context.Context, settings config.Storage) (Store, error) {
	if settings.Path != "" {
		return openFolder(settings.Path)
	}
	return openBucket(ctx, settings)
}
