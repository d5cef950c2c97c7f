package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
)

// identity tells a process from a later one of the same pid, by when it started (field 22 of
// /proc/PID/stat: clock ticks since the machine's start).
type identity struct {
	Pid       int    `json:"pid"`
	StartTime string `json:"startTime"`
}

func self() identity {
	return identity{os.Getpid(), startTime(os.Getpid())}
}

func (id identity) alive() bool { return startTime(id.Pid) == id.StartTime }

// startTime is empty for a process that is not there, or has ended and is not yet reaped.
func startTime(pid int) string {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	// The second field is a name in brackets that may hold anything; count from after it.
	fields := strings.Fields(string(content[strings.LastIndexByte(string(content), ')')+1:]))
	if len(fields) < 20 || fields[0] == "Z" {
		return ""
	}
	return fields[22-3]
}

// lock keeps a second one out of the directory. The kernel drops the lock when this process ends,
// however it ends; the file says who holds it.
func lock(s settings) (unlock func(), err error) {
	file, err := os.OpenFile(s.file("lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		file.Close()
		return nil, fmt.Errorf("an operator already runs on %s: %w", s.dir, err)
	}
	holder, err := json.Marshal(self())
	if err == nil {
		_, writeErr := file.WriteAt(holder, 0)
		err = errors.Join(file.Truncate(int64(len(holder))), writeErr)
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return func() {
		_ = file.Truncate(0)
		file.Close()
	}, nil
}

// children starts processes that die with this one, however this one dies.
type children struct{ requests chan func() }

func newChildren() children {
	c := children{make(chan func())}
	go func() {
		// The kernel kills a child when the *thread* that started it ends, so this one never ends
		// before the process does.
		runtime.LockOSThread()
		for request := range c.requests {
			request()
		}
	}()
	return c
}

func (c children) start(command *exec.Cmd) error {
	if command.SysProcAttr == nil {
		command.SysProcAttr = &syscall.SysProcAttr{}
	}
	command.SysProcAttr.Pdeathsig = syscall.SIGKILL
	command.SysProcAttr.Setpgid = true // a Ctrl-C at the terminal is for our owner to act on
	result := make(chan error)
	c.requests <- func() { result <- command.Start() }
	return <-result
}
