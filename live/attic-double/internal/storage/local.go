package storage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// folder keeps files below two levels of folders by the first two letters of their names.
type folder struct{ path string }

func openFolder(path string) (Store, error) {
	if err := os.MkdirAll(path, 0o777); err != nil {
		return nil, fmt.Errorf("failed to create storage directory: %w", err)
	}
	version := filepath.Join(path, "VERSION")
	found, err := os.ReadFile(version)
	if errors.Is(err, os.ErrNotExist) {
		return folder{path}, os.WriteFile(version, []byte("1"), 0o666)
	}
	if err == nil && strings.TrimSpace(string(found)) != "1" {
		err = fmt.Errorf("%s says %q; only version 1 is known", version, found)
	}
	return folder{path}, err
}

func (f folder) file(name string) string { return filepath.Join(f.path, name[:1], name[:2], name) }

func (f folder) Put(_ context.Context, name string, from io.Reader) error {
	path := f.file(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, from)
	return errors.Join(err, file.Close())
}

func (f folder) Delete(_ context.Context, file Reference) error {
	if file.Local == nil {
		return errForeign
	}
	return os.Remove(f.file(file.Local.Name))
}

func (f folder) Open(_ context.Context, file Reference) (io.ReadCloser, error) {
	if file.Local == nil {
		return nil, errForeign
	}
	return os.Open(f.file(file.Local.Name))
}

func (f folder) Link(_ context.Context, file Reference) (string, error) {
	if file.Local == nil {
		return "", errForeign
	}
	return "", nil
}

func (f folder) Reference(name string) Reference { return Reference{Local: &LocalFile{Name: name}} }
