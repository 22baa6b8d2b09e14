package transit

// StopNames are better names for stops than feeds have, by stop id (in
// Britain the ATCO code of NaPTAN).
type StopNames struct{}

// Timetables is a folder of feeds and the network made of them. It is safe
// for concurrent use; Reload replaces the network whole.
type Timetables struct{}

// Open reads a folder. One that is not there, or holds nothing, is an empty
// network. A file that cannot be used is an error that names it and says what
// to do.
func Open(dir string) (*Timetables, error) { return &Timetables{}, nil }

// Network is what is loaded now; never nil.
func (t *Timetables) Network() *Network { return &Network{} }

// Reload reads the folder again, as after an import. On error the network
// stays as it was.
func (t *Timetables) Reload() error { return nil }

// Save writes a feed into a folder, in place of an earlier one of that name.
// The file is there whole or not at all, whatever happens meanwhile.
func Save(dir string, f *Feed) error { return errTodo }
