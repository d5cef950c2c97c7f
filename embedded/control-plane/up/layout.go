package up

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// layout is the state directory. Everything a control plane keeps is in it, and removing it (stopped)
// forgets the cluster; only the hostpath provisioner writes elsewhere (see storage.go).
type layout struct{ dir string }

func (l layout) pki(name string) string  { return filepath.Join(l.dir, "pki", name) }
func (l layout) log(name string) string  { return filepath.Join(l.dir, "logs", name+".log") }
func (l layout) pid(name string) string  { return filepath.Join(l.dir, "run", name+".pid") }
func (l layout) bin(name string) string  { return filepath.Join(l.dir, "bin", name) }
func (l layout) file(name string) string { return filepath.Join(l.dir, name) }

// kubeconfig is the file for one user: the person's at the top, the parts' own beside their keys.
func (l layout) kubeconfig(user string) string {
	if user == adminUser {
		return l.file("kubeconfig")
	}
	return l.pki(user + ".kubeconfig")
}

// create makes the directories and takes the lock on them, which the kernel drops when this process
// ends however it ends: two supervisors never share one etcd.
func (l layout) create() (unlock func(), err error) {
	for _, dir := range []string{"", "pki", "logs", "run", "bin"} {
		if err := os.MkdirAll(filepath.Join(l.dir, dir), 0o700); err != nil {
			return nil, fmt.Errorf("make the state directory: %w", err)
		}
	}
	lock, err := os.OpenFile(l.file("lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the lock of the state directory: %w", err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		lock.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("a control plane already runs on %s; stop it first, or use it (see ready.json there)", l.dir)
		}
		return nil, fmt.Errorf("lock the state directory %s: %w", l.dir, err)
	}
	// Who holds the lock, so that one that is still starting can be found and stopped too.
	holder, err := json.Marshal(self())
	if err == nil {
		err = errors.Join(lock.Truncate(0), writeAt(lock, append(holder, '\n')))
	}
	if err != nil {
		lock.Close()
		return nil, fmt.Errorf("write the lock of the state directory: %w", err)
	}
	return func() {
		_ = lock.Truncate(0)
		lock.Close()
	}, nil
}

func writeAt(file *os.File, content []byte) error {
	_, err := file.WriteAt(content, 0)
	return err
}

// linkParts puts a link per part into bin/, so that ps shows each by its name and a person finds
// kubectl there.
func (l layout) linkParts(binary string) error {
	for _, name := range append([]string{"kubectl"}, partNames...) {
		link := l.bin(name)
		if target, err := os.Readlink(link); err == nil && target == binary {
			continue
		}
		if err := os.Remove(link); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("replace the link of %s: %w", name, err)
		}
		if err := os.Symlink(binary, link); err != nil {
			return fmt.Errorf("link %s: %w", name, err)
		}
	}
	return nil
}

// writeAtomically gives readers either the old content or the new, never a part.
func writeAtomically(path string, content []byte) error {
	if err := os.WriteFile(path+".new", content, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
