// Command reach tells what packets get through: it answers on ports, and tries those of others.
//
//	reach listen PORT[/udp]...
//	reach try [--timeout 1s] HOST:PORT[/udp]...
//	reach hold HOST:PORT DURATION
//
// What it tries it tells as JSON, one verdict for each target: "open" when somebody answered, "refused" when a machine
// said that nobody listens (so packets get there and back), "silent" when nothing came back in time, and otherwise the
// error in words. A UDP server has to answer with something; `listen` sends back what it got.
//
// What it holds is one connection, on which it asks ten times a second: it tells "connected", and at the end "held", or
// when it was lost.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"
)

func main() {
	if len(os.Args) < 3 {
		fail("usage: reach listen PORT[/udp]... | try [--timeout 1s] HOST:PORT[/udp]... | hold HOST:PORT DURATION")
	}
	switch args := os.Args[2:]; os.Args[1] {
	case "listen":
		for _, port := range args {
			listen(port)
		}
		signals := make(chan os.Signal, 1)
		signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
		<-signals
	case "try":
		timeout := time.Second
		if args[0] == "--timeout" && len(args) > 1 {
			given, err := time.ParseDuration(args[1])
			if err != nil {
				fail(err)
			}
			timeout, args = given, args[2:]
		}
		if err := json.NewEncoder(os.Stdout).Encode(tryAll(args, timeout)); err != nil {
			fail(err)
		}
	case "hold":
		if len(args) != 2 {
			fail("hold what, and for how long?")
		}
		duration, err := time.ParseDuration(args[1])
		if err != nil {
			fail(err)
		}
		fmt.Println(hold(args[0], duration))
	default:
		fail("unknown command " + os.Args[1])
	}
}

func fail(what any) {
	fmt.Fprintln(os.Stderr, what)
	os.Exit(2)
}

func listen(port string) {
	if number, ok := strings.CutSuffix(port, "/udp"); ok {
		conn, err := net.ListenPacket("udp", ":"+number)
		if err != nil {
			fail(err)
		}
		go func() {
			buffer := make([]byte, 2048)
			for {
				n, from, err := conn.ReadFrom(buffer)
				if err == nil {
					conn.WriteTo(buffer[:n], from)
				}
			}
		}()
		return
	}
	listener, err := net.Listen("tcp", ":"+port)
	if err != nil {
		fail(err)
	}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				continue
			}
			go func() {
				defer conn.Close()
				io.Copy(conn, conn)
			}()
		}
	}()
}

// As many at once as a process may well have files open.
const atOnce = 400

func tryAll(targets []string, timeout time.Duration) map[string]string {
	verdicts := make(map[string]string, len(targets))
	var mutex sync.Mutex
	var all sync.WaitGroup
	room := make(chan struct{}, atOnce)
	for _, target := range targets {
		all.Add(1)
		room <- struct{}{}
		go func() {
			defer func() { <-room; all.Done() }()
			verdict := try(target, timeout)
			mutex.Lock()
			verdicts[target] = verdict
			mutex.Unlock()
		}()
	}
	all.Wait()
	return verdicts
}

func try(target string, timeout time.Duration) string {
	address, udp := strings.CutSuffix(target, "/udp")
	network := "tcp"
	if udp {
		network = "udp"
	}
	conn, err := net.DialTimeout(network, address, timeout)
	if err == nil {
		defer conn.Close()
		if udp {
			err = ask(conn, timeout)
		}
	}
	var slow net.Error
	switch {
	case err == nil:
		return "open"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused"
	case errors.As(err, &slow) && slow.Timeout():
		return "silent"
	default:
		return err.Error()
	}
}

// Who is asked may be a DNS server, which answers to nothing else: for the name servers of the root.
var query = []byte{0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1}

// Datagrams get lost, so it asks twice.
func ask(conn net.Conn, timeout time.Duration) error {
	var err error
	for range 2 {
		conn.SetDeadline(time.Now().Add(timeout / 2))
		if _, err = conn.Write(query); err != nil {
			return err
		}
		if _, err = conn.Read(make([]byte, 2048)); err == nil || errors.Is(err, syscall.ECONNREFUSED) {
			return err
		}
	}
	return err
}

func hold(address string, duration time.Duration) string {
	conn, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		return err.Error()
	}
	defer conn.Close()
	fmt.Println("connected")
	begun := time.Now()
	for time.Since(begun) < duration {
		if err := ask(conn, 2*time.Second); err != nil {
			return fmt.Sprintf("lost after %s: %s", time.Since(begun).Round(100*time.Millisecond), err)
		}
		time.Sleep(100 * time.Millisecond)
	}
	return "held"
}
