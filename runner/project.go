package runner

import "time"

// Project is everything a project directory declares. It is read-only once loaded: packages share it without locks.
type Project struct {
	Name    string
	Dir     string // absolute
	Target  Target // the one chosen
	Paths   Paths
	Vars    map[string]any // project.yaml overlaid by --vars
	Sources []*Source
	Seeds   []*Seed
	Models  []*Model
	Tests   []*Test // generic and singular data tests
	Macros  []MacroFile
	Exports []Export

	Schedules []*Schedule // what starts runs by itself, WatchedSources included
	OnSuccess []Hook
	OnFailure []Hook
	Lineage   *LineageTarget // nil: nobody wants events

	Docs map[string]string // docs blocks by name; may be nil

	// What dbt projects may have beside that; empty in most.
	DBT        bool // read from dbt_project.yml: dbt's own rules for schema names, unknown config keys and tests hold
	Snapshots  []*Snapshot
	UnitTests  []*UnitTest
	Exposures  []*Exposure
	Groups     []Group
	Selectors  map[string]Selector // of selectors.yml, by name
	OnRunStart []RunHook
	OnRunEnd   []RunHook
	Dispatch   map[string][]string // macro namespace → packages in the order to search

	// PackageVars holds, for each package that the project depends on, all the vars its nodes see: its own, overlaid by
	// those of the project and --vars. Vars holds those of the project's own nodes.
	PackageVars map[string]map[string]any

	Warnings Errors // what was read past; loading went on

	// Disabled holds the ID of each node that enabled: false leaves out, and where that is said. Tests of a disabled node
	// are left out without a mention here.
	Disabled map[string]Position
}

// Target is one place to build into.
type Target struct {
	Name        string
	Path        string // warehouse file, relative to the project directory or absolute
	Schema      string // schema of models without a +schema
	Threads     int    // nodes built at once; 0: as many as there are cores
	MemoryLimit string // as the engine reads it ("2GB"); empty: what goes with the size of the raw files
}

// Paths are the folders of a project, relative to its directory.
type Paths struct {
	Models    []string
	Macros    []string
	Seeds     []string
	Snapshots []string // files of {% snapshot %} blocks
	Tests     []string // singular tests; below generic/ tests as macros, below fixtures/ rows for unit tests

	Target string // compiled SQL and artifacts
	Data   string // raw files, warehouse, state
	Output string // where export paths begin; the same as Data unless --output-dir says otherwise
}

// RunHook is SQL that a run begins or ends with, a template.
type RunHook struct {
	SQL     string
	Package string // whose macros and variables it sees; empty for the project's own
}

// MacroFile is one file of Jinja macros.
type MacroFile struct {
	Path    string // relative to the project directory
	Text    string
	Package string // empty: the project's own
}

// Kind sorts the nodes of the graph. The values are dbt's resource types.
type Kind string

const (
	KindSource   Kind = "source"
	KindSeed     Kind = "seed"
	KindModel    Kind = "model"
	KindSnapshot Kind = "snapshot"
	KindTest     Kind = "test"
	KindUnitTest Kind = "unit_test"
	KindExposure Kind = "exposure"
	KindMacro    Kind = "macro" // no node: what run-operation calls
)

// Node is what sources, seeds, models and tests have in common.
//
// The ID of a versioned model ends in its version (model.shop.clients.v2), that of a unit test has its model
// (unit_test.shop.clients.adds_up). The ID of a generic test is test.shop. and its name in our own projects, where names
// of tests are unique; in a project of dbt's it is exactly dbt's, with the full name, which FQN ends in, and a hash
// (test.shop.unique_clients_id.5c9bf9911d), while Name is the short one that may name files and tables.
type Node struct {
	ID          string // dbt's unique id: kind.project.name, for a source source.project.source.table; see below for tests
	Kind        Kind
	Name        string
	Description string
	Path        string   // file that defines it, relative to the project directory
	Pos         Position // where it is declared, for messages
	Columns     []Column // as described in YAML, in order
	Config      Config
	Package     string   // of dbt; empty: the project's own
	FQN         []string // dbt's fully qualified name: package, folders, name
}

// Column is a column as YAML describes it.
type Column struct {
	Name        string
	Description string
	DataType    string // empty where undeclared; for a loaded source one of the types of ingest
	NotNull     bool   // sources: a row without a value is rejected
	Optional    bool   // sources: the file may lack the column, which is NULL then
	Aliases     []string
	Constraints []Constraint
	Quote       bool
	Tags        []string
	Meta        map[string]any
	Pos         Position
}

// Constraint is one of a contract, on a column or on a whole model. Type is dbt's: not_null, unique, primary_key,
// foreign_key, check, custom.
type Constraint struct {
	Type       string
	Name       string
	Expression string
	Columns    []string // model level
	To         string   // foreign_key: ref('x') or source('a', 'b')
	ToColumns  []string
}

// Materialization says what a model becomes in the warehouse. The values are dbt's.
type Materialization string

const (
	View          Materialization = "view"
	Table         Materialization = "table"
	Ephemeral     Materialization = "ephemeral"
	Incremental   Materialization = "incremental"
	External      Materialization = "external" // of dbt-duckdb: a file, and a view on it
	SeedTable     Materialization = "seed"
	SnapshotTable Materialization = "snapshot"
)

// Stateful tells whether a relation grows out of its earlier version, so that its rows depend on more than what it reads.
func (m Materialization) Stateful() bool { return m == Incremental || m == SnapshotTable }

// Config is the merged configuration of a node: project.yaml by folder, then its .yml, then config() in its SQL.
type Config struct {
	Enabled      bool
	Materialized Materialization
	Schema       string // empty: the target's
	Alias        string // empty: the node's name
	Tags         []string
	OrderBy      []string // order of exported rows: "column" or "column desc"; ties are broken by all columns
	Meta         map[string]any
	PreHooks     []string // SQL templates
	PostHooks    []string
	Contract     bool // contract.enforced
	FullRefresh  *bool
	Group        string
	Access       string // "private", "protected", "public"; empty: protected

	Retries    int           // how often it is tried again after an error that may be gone by then
	RetryDelay time.Duration // before the first of these; it doubles each time. 0: a second
	Timeout    time.Duration // of each try; 0: none

	// All holds every key as set, by its name without +, for config.get and for what one materialization alone
	// understands (unique_key, incremental_strategy, on_schema_change, strategy, updated_at, column_types, …).
	All map[string]any

	// Given holds every key as the last place that sets it gives it, before meta and the like are merged; where SQL sets
	// a dict, its text. It is what dbt compares between two states of a project.
	Given map[string]any
}

// Source is a raw table, loaded from files.
type Source struct {
	Node
	Source string // the source's name, and the schema its tables are published in
	Load   *Load  // nil: the table exists in the warehouse already

	Public    Relation // what SQL calls it; its Schema may differ from Source in dbt projects
	LoadedAt  string   // loaded_at_field: SQL expression; or, in parentheses, the query of loaded_at_query
	Freshness *Freshness
	External  string // of dbt-duckdb: a table expression ('a.csv', read_csv(…)) to read instead of Public; empty: none
}

// RejectsTable is what people call the rows that no source could take.
func RejectsTable() Relation { return Relation{Schema: "raw", Name: "_rejects"} }

// IsRejects tells whether a source stands for those rows, so that models can read them. It is always as new as the sources
// that have files.
func (s *Source) IsRejects() bool { return s.Load == nil && s.Public == RejectsTable() }

// Freshness is how old the newest row of a source may be. A zero Duration of the two sets no limit.
type Freshness struct {
	WarnAfter  time.Duration
	ErrorAfter time.Duration
	Filter     string
}

// OnError says what a source does with rows that do not fit.
type OnError string

const (
	Quarantine OnError = "quarantine" // keep them in raw._rejects and go on
	Fail       OnError = "fail"       // the first one fails the source
)

// Load tells how the files of a source are read.
type Load struct {
	Files       []string // paths or globs, relative to the project directory
	Format      string   // "csv" or "json" (array, NDJSON); empty: by the file's ending
	OnError     OnError
	MaxRejected Threshold // more rejected rows than this fail the source; the zero value: no limit
	AllowEmpty  bool      // no matching file gives an empty table instead of an error
	Delimiter   string    // CSV; empty: found from the header line
	Decimal     string    // "." or ","; empty: "."
	DateFormats []string  // beside ISO 8601, strptime style ("%d/%m/%Y"), tried in order
	NullValues  []string  // beside the usual ones
	Pos         Position
}

// Threshold is a count or a percentage, for max_rejected, warn_if and error_if.
type Threshold struct {
	Set     bool
	Value   float64
	Percent bool
}

// Seed is a small CSV file of reference data. Node.Path is that file; a column without a DataType is inferred.
type Seed struct {
	Node
	Delimiter string // empty: a comma
}

// Model is one SELECT of the analyst's.
type Model struct {
	Node
	SQL         string // as written
	Constraints []Constraint
	Version     string // of dbt's model versions; empty: none. Node.Name is then name.v1
	BaseName    string // of a versioned model: the name without version
	Latest      bool   // ref without version means this one
	Deprecated  string // deprecation_date as written; empty: none
}

// Snapshot is a table that keeps the history of what it reads (slowly changing dimension, type 2). Its strategy and
// keys are in Config.All.
type Snapshot struct {
	Node
	SQL    string   // as written; for one declared in YAML, select * from its relation
	SQLPos Position // where SQL begins in Path, which is later than its first line for a {% snapshot %} block
}

// UnitTest runs one model on rows given in YAML and compares what comes out.
type UnitTest struct {
	Node
	Model     string // ID
	Given     []Fixture
	Expect    Fixture
	Overrides UnitOverrides
}

// Fixture is a set of rows in one of dbt's formats.
type Fixture struct {
	Input  string           // "ref('x')", "source('a', 'b')" or "this"; empty for what is expected
	Format string           // "dict", "csv" or "sql"
	Rows   []map[string]any // dict; of csv too, with every value a string or nil
	Names  []string         // columns in order of first mention
	SQL    string
	Pos    Position
}

// UnitOverrides replace what the tested model sees.
type UnitOverrides struct {
	Macros map[string]any
	Vars   map[string]any
	Env    map[string]string
}

// Exposure is a use of the data outside: a dashboard, a notebook.
type Exposure struct {
	Node
	Type       string
	Label      string
	URL        string
	Maturity   string
	Owner      string // name, else email
	OwnerEmail string
	DependsOn  []string // IDs
}

// Group is a set of nodes with an owner; private models are for their own group only.
type Group struct {
	Name       string
	Owner      string // name, else email
	OwnerEmail string
	Package    string // of dbt; empty: the project's own
}

// Selector is one of selectors.yml, brought to the selection grammar: the union of Terms.
type Selector struct {
	Name        string
	Description string
	Default     bool   // chosen where the command line selects nothing
	Indirect    string // indirect_selection, if a part says it: "eager", "cautious", "buildable" or "empty"
	Terms       []SelectorTerm
}

// SelectorTerm selects what is in each of All (everything, if there is none) and in none of Not.
type SelectorTerm struct {
	All []string // parts of the selection grammar without spaces and commas
	Not []string
}

// Severity says whether a failing test stops the run.
type Severity string

const (
	SeverityError Severity = "error"
	SeverityWarn  Severity = "warn"
)

// Test is one data test: a generic one on a node (and maybe a column), or a singular one with SQL of its own.
type Test struct {
	Node
	Type   string         // "not_null", "unique", …; "singular"
	On     string         // ID of the node tested; empty for singular
	Column string         // empty for tests of a whole relation
	Args   map[string]any // arguments of a generic test, as YAML gives them
	SQL    string         // singular: the query that returns failing rows, as written

	Severity      Severity
	WarnIf        string // dbt's "!=0", ">10", and ">5%"
	ErrorIf       string
	Where         string // filters the tested relation
	Limit         int    // rows kept by store_failures, and counted by WarnIf and ErrorIf; 0: all
	StoreFailures bool
	FailCalc      string // SQL that makes the number of failures of the failing rows; empty: count(*)
}

// Export is one kind of file written on publish.
type Export struct {
	Format string // "csv", "parquet", "sqlite", "duckdb"
	Select string // selector; empty: every model
	Path   string // below Paths.Output; "{name}" stands for the model's name
	Pos    Position
}

// Clock gives the time; passed in so that a run can be repeated.
type Clock func() time.Time
