package main

import (
	"io"
	"net"
	"os"
	"syscall"
	"testing"
)

func listen(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return listener
}

func socketpair(t *testing.T) (a, b *os.File) {
	t.Helper()
	pair, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	return os.NewFile(uintptr(pair[0]), "a"), os.NewFile(uintptr(pair[1]), "b")
}

func TestWhatIsSaidOnAHandedOverListenerReachesTheOtherSideAndBack(t *testing.T) {
	echo, front := listen(t), listen(t)
	go func() {
		connection, err := echo.Accept()
		if err == nil {
			_, _ = io.Copy(connection, connection)
			connection.Close()
		}
	}()
	a, b := socketpair(t)
	if err := handOver(a, front); err != nil {
		t.Fatal(err)
	}
	taken, err := takeOver(b, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer taken[0].Close()
	front.Close() // only the one that was handed over is left
	go func() { _ = relay(taken[0], echo.Addr().String()) }()

	connection, err := net.Dial("tcp", taken[0].Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := connection.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	_ = connection.(*net.TCPConn).CloseWrite()
	if said, err := io.ReadAll(connection); err != nil || string(said) != "hello" {
		t.Fatalf("%q, %v", said, err)
	}
}

func TestAnEndInsteadOfListenersIsAnError(t *testing.T) {
	a, b := socketpair(t)
	a.Close()
	if _, err := takeOver(b, 1); err == nil {
		t.Fatal("there was no error")
	}
}
