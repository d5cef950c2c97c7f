package up

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"time"
)

// maxLogBytes bounds each part's log: past it the log starts again from nothing.
const maxLogBytes = 32 << 20

// openLog starts a part's log afresh, keeping the one of the run before as NAME.log.1.
func openLog(l layout, name string) (*os.File, error) {
	if err := os.Rename(l.log(name), l.log(name)+".1"); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	return os.OpenFile(l.log(name), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
}

// boundLogs empties a log that outgrew its bound. The parts append, so they go on at the start.
func boundLogs(files []*os.File, done <-chan struct{}) {
	for {
		select {
		case <-done:
			return
		case <-time.After(time.Minute):
		}
		for _, file := range files {
			if info, err := file.Stat(); err == nil && info.Size() > maxLogBytes {
				_ = file.Truncate(0)
			}
		}
	}
}

// tail gives the last lines of a log, for an error message: indented, or a word saying there are none.
func tail(path string, lines int) string {
	content, err := os.ReadFile(path)
	if err != nil || len(bytes.TrimSpace(content)) == 0 {
		return "    (its log is empty)"
	}
	if len(content) > 16<<10 {
		content = content[len(content)-16<<10:]
	}
	all := strings.Split(strings.TrimSpace(string(content)), "\n")
	if len(all) > lines {
		all = all[len(all)-lines:]
	}
	return "    " + strings.Join(all, "\n    ")
}
