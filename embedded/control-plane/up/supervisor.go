package up

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	maxRestarts   = 5
	restartWindow = time.Minute
)

// supervisor runs the parts as child processes, starts a died one again, and stops them in order.
type supervisor struct {
	layout layout
	say    func(format string, args ...any)

	spawns   chan func()   // run on the one thread that starts children
	failed   chan error    // gets the reason when a part is past saving
	stopping chan struct{} // closed when stop begins
	ready    atomic.Bool   // before it, a died part fails the start at once

	mu    sync.Mutex
	parts []*part
}

type part struct {
	name  string
	flags []string
	log   *os.File

	mu      sync.Mutex
	process *os.Process
	ended   chan struct{} // closed when the part has ended for good
}

func newSupervisor(l layout, say func(string, ...any)) *supervisor {
	s := &supervisor{layout: l, say: say,
		spawns: make(chan func()), failed: make(chan error, len(partNames)), stopping: make(chan struct{})}
	go func() {
		// The kernel kills a child when the *thread* that started it ends, so this one never ends
		// before the process does.
		runtime.LockOSThread()
		for spawn := range s.spawns {
			spawn()
		}
	}()
	return s
}

// start runs a part and watches over it until stop.
func (s *supervisor) start(name string, flags []string) error {
	log, err := openLog(s.layout, name)
	if err != nil {
		return fmt.Errorf("open the log of %s: %w", name, err)
	}
	p := &part{name: name, flags: flags, log: log, ended: make(chan struct{})}
	command, err := s.spawn(p)
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.parts = append(s.parts, p)
	s.mu.Unlock()
	go s.watch(p, command)
	return nil
}

// spawn starts the process of a part. It dies with this one, however this one dies.
func (s *supervisor) spawn(p *part) (command *exec.Cmd, err error) {
	path := s.layout.bin(p.name)
	if _, statErr := os.Stat(path); statErr != nil {
		path = "/proc/self/exe" // the binary was removed or replaced since; the kernel still has it
	}
	command = &exec.Cmd{
		Path: path, Args: append([]string{p.name}, p.flags...), Dir: s.layout.dir, Env: os.Environ(),
		Stdout: p.log, Stderr: p.log,
		SysProcAttr: &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true},
	}
	started := make(chan struct{})
	s.spawns <- func() { err = command.Start(); close(started) }
	<-started
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", p.name, err)
	}
	p.mu.Lock()
	p.process = command.Process
	p.mu.Unlock()
	return command, os.WriteFile(s.layout.pid(p.name), fmt.Appendf(nil, "%d\n", command.Process.Pid), 0o600)
}

// watch starts a part again each time it dies: soon at first, then ever later, and not a sixth time
// within a minute.
func (s *supervisor) watch(p *part, command *exec.Cmd) {
	defer close(p.ended)
	defer os.Remove(s.layout.pid(p.name))
	var deaths []time.Time
	for {
		cause := command.Wait()
		if s.isStopping() {
			return
		}
		if cause == nil {
			cause = errors.New("exit status 0")
		}
		if !s.ready.Load() {
			s.failed <- s.deathOf(p, cause, "while starting")
			return
		}
		now := time.Now()
		deaths = slices.DeleteFunc(deaths, func(t time.Time) bool { return now.Sub(t) > restartWindow })
		deaths = append(deaths, now)
		if len(deaths) > maxRestarts {
			s.failed <- s.deathOf(p, cause, fmt.Sprintf("%d times within a minute", len(deaths)))
			return
		}
		pause := 100 * time.Millisecond << (2 * (len(deaths) - 1)) // 0.1, 0.4, 1.6, 6.4, 25.6 s
		s.say("%s died (%v); starting it again in %v", p.name, cause, pause)
		select {
		case <-s.stopping:
			return
		case <-time.After(pause):
		}
		next, err := s.spawn(p)
		if err != nil {
			s.failed <- err
			return
		}
		command = next
		if s.isStopping() { // stop may have signalled the dead one
			_ = command.Process.Signal(syscall.SIGTERM)
		}
	}
}

func (s *supervisor) deathOf(p *part, cause error, when string) error {
	lines := tail(s.layout.log(p.name), 12)
	err := fmt.Errorf("%s died %s (%w); the end of %s:\n%s", p.name, when, cause, s.layout.log(p.name), lines)
	if strings.Contains(lines, "address already in use") {
		return fmt.Errorf("%w: %w", errPortTaken, err)
	}
	return err
}

func (s *supervisor) isStopping() bool {
	select {
	case <-s.stopping:
		return true
	default:
		return false
	}
}

// logs are the open log files, for boundLogs.
func (s *supervisor) logs() (files []*os.File) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.parts {
		files = append(files, p.log)
	}
	return files
}

// stop ends every part: first the API server's clients, all at once, then the API server, then etcd.
// A part that does not end in time is killed.
func (s *supervisor) stop() {
	close(s.stopping)
	s.mu.Lock()
	parts := slices.Clone(s.parts)
	s.mu.Unlock()
	waves := map[string]int{"kube-apiserver": 1, "etcd": 2}
	for wave := range 3 {
		var wait sync.WaitGroup
		for _, p := range parts {
			if waves[p.name] == wave {
				wait.Go(func() { p.end(10 * time.Second) })
			}
		}
		wait.Wait()
	}
	close(s.spawns)
}

func (p *part) end(limit time.Duration) {
	p.signal(syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(limit):
		p.signal(syscall.SIGKILL)
		<-p.ended
	}
	p.log.Close()
}

// signal is safe against a reused pid: os.Process signals none that it has already waited for.
func (p *part) signal(signal syscall.Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = p.process.Signal(signal)
}
