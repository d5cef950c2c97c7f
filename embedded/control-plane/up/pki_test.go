package up

import (
	"crypto/tls"
	"os"
	"testing"
	"time"
)

func newLayout(t *testing.T) layout {
	t.Helper()
	l := layout{t.TempDir()}
	unlock, err := l.create()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(unlock)
	return l
}

func ensure(t *testing.T, l layout, now time.Time) bool {
	t.Helper()
	renewed, err := ensurePKI(l, identitiesOf(options{address: loopbackAddress}), now)
	if err != nil {
		t.Fatal(err)
	}
	return renewed
}

func content(t *testing.T, path string) string {
	t.Helper()
	bytes, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(bytes)
}

func TestCertificatesAreKeptUntilThirtyDaysBeforeTheirEnd(t *testing.T) {
	l, now := newLayout(t), time.Now()
	if !ensure(t, l, now) {
		t.Fatal("nothing was made in an empty directory")
	}
	if ensure(t, l, now.Add(334*24*time.Hour)) {
		t.Fatal("certificates with 31 days left were replaced")
	}
	before, tokenKey := content(t, l.pki("ca.crt")), content(t, l.pki("service-account.key"))
	if !ensure(t, l, now.Add(336*24*time.Hour)) {
		t.Fatal("certificates with 29 days left were kept")
	}
	if content(t, l.pki("ca.crt")) == before {
		t.Fatal("the certificate authority was kept")
	}
	if content(t, l.pki("service-account.key")) != tokenKey {
		t.Fatal("the key of ServiceAccount tokens was replaced: kept tokens are worthless now")
	}
}

func TestADamagedSetIsReplacedAsAWhole(t *testing.T) {
	now := time.Now()
	for name, damage := range map[string]func(l layout) error{
		"a missing key":               func(l layout) error { return os.Remove(l.pki("admin.key")) },
		"a certificate of nonsense":   func(l layout) error { return os.WriteFile(l.pki("kwok.crt"), []byte("x"), 0o600) },
		"a leaf of another authority": func(l layout) error { _, err := newAuthority(l, etcdCA, now); return err },
	} {
		l := newLayout(t)
		ensure(t, l, now)
		if err := damage(l); err != nil {
			t.Fatal(err)
		}
		if !ensure(t, l, now) {
			t.Errorf("%s went unnoticed", name)
		}
		if err := checkPKI(l, identitiesOf(options{address: loopbackAddress}), now); err != nil {
			t.Errorf("%s: the new set is no better: %v", name, err)
		}
	}
}

func TestOnlyTheOwnerReadsKeysAndEtcdTrustsNoCertificateOfTheCluster(t *testing.T) {
	l, now := newLayout(t), time.Now()
	ensure(t, l, now)
	entries, err := os.ReadDir(l.file("pki"))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if info, err := entry.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v (%v)", entry.Name(), info.Mode(), err)
		}
	}
	admin, err := tls.LoadX509KeyPair(l.pki("admin.crt"), l.pki("admin.key"))
	if err != nil {
		t.Fatal(err)
	}
	etcd, err := tls.LoadX509KeyPair(l.pki("etcd-ca.crt"), l.pki("etcd-ca.key"))
	if err != nil {
		t.Fatal(err)
	}
	if admin.Leaf.CheckSignatureFrom(etcd.Leaf) == nil {
		t.Error("the administrator's certificate opens etcd")
	}
}
