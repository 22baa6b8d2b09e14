package index

import "sync"

// subscribers are told of errors by the directory they happen in.
type subscribers struct {
	mu sync.Mutex
	by map[string]func(error)
}

func newSubscribers() *subscribers { return &subscribers{by: map[string]func(error){}} }

func (s *subscribers) add(dir string, f func(error)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.by[dir] = f
}

func (s *subscribers) remove(dir string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.by, dir)
}

func (s *subscribers) tell(dir string, err error) {
	s.mu.Lock()
	f := s.by[dir]
	s.mu.Unlock()
	if f != nil {
		f(err)
	}
}
