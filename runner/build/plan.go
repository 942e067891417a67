package build

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"elt/runner"
)

// Schema holds the private, versioned relations.
const Schema = "_elt"

// Node is what a plan must know of a source, seed or model.
type Node struct {
	ID           string
	Kind         runner.Kind
	Name         string
	Materialized runner.Materialization // empty for sources
	Public       runner.Relation
	Content      string // hash of what the node itself says: its SQL's form, or its files and columns
	Volatile     bool   // its rows depend on more than Content and what is upstream
	External     bool   // sources: the relation is there already, made by others, and nothing is known of its rows
	Unforced     bool   // Force does not mean it
	Fresh        bool   // stateful nodes and seeds: start from nothing instead of the published version
	Again        string // stateful nodes: why to build them even if nothing changed; empty: do not
	Upstream     []string
	Change       string // sources and seeds: what changed in the files since the published version; may be empty
}

// Version is one private relation that stands complete in the warehouse.
type Version struct {
	Fingerprint string
	Content     string // of the node when it was built
	Relation    runner.Relation
	Gone        bool // it stands no more
}

// Inputs is all that a plan depends on.
type Inputs struct {
	RunID     string
	Nodes     []Node             // each after all it reads
	Selected  map[string]bool    // nil: everything
	Carried   map[string]bool    // not selected, but to be published as an earlier run built it, if it did
	Force     bool               // build what is selected even if nothing changed
	LiveViews bool               // views that are not selected show what is built anew, as dbt's do
	Have      map[string]Version // by fingerprint
	Published map[string]Version // by node id; what is gone only serves to tell why a node is built
}

// Plan decides for every node of in, in the same order.
//
// A fingerprint is the hash of a node's content, its materialization and the relations it reads; what has the same one
// has the same rows. What is not selected stays as it is published; where nothing is published yet, it is built if a
// selected node needs it.
func Plan(in Inputs) runner.Plan {
	p := planner{Inputs: in, needed: neededBySelected(in), made: map[string]made{}}
	plan := runner.Plan{Decisions: make([]runner.Decision, 0, len(in.Nodes))}
	for _, n := range in.Nodes {
		d := p.decide(n)
		p.made[n.ID] = made{
			relation: d.Relation,
			token:    token(d), root: p.root(n, d), changed: p.changed(n, d), inlined: n.Materialized == runner.Ephemeral,
		}
		plan.Decisions = append(plan.Decisions, d)
	}
	return plan
}

type planner struct {
	Inputs
	needed map[string]bool
	made   map[string]made
}

// made is what those downstream ask about a node.
type made struct {
	token    string // stands for its rows
	relation runner.Relation
	root     string // why they changed, told from where the change began
	changed  bool   // since what is published
	inlined  bool   // ephemeral: its SQL is part of what reads it
}

func neededBySelected(in Inputs) map[string]bool {
	needed := map[string]bool{}
	for i := len(in.Nodes) - 1; i >= 0; i-- {
		n := in.Nodes[i]
		if needed[n.ID] || in.Selected == nil || in.Selected[n.ID] {
			for _, id := range n.Upstream {
				needed[id] = true
			}
		}
	}
	return needed
}

func (p *planner) decide(n Node) runner.Decision {
	d := runner.Decision{ID: n.ID, Kind: n.Kind, Name: n.Name, Public: n.Public, Upstream: n.Upstream}
	if n.External {
		return p.decideExternal(n, d)
	}
	before, published := p.Published[n.ID]
	published = published && !before.Gone
	selected := p.Selected == nil || p.Selected[n.ID]
	switch {
	case !selected && p.Carried[n.ID] && p.carried(n, &d):
		return d
	case !selected && published && p.shows(n, before):
		// goes on below
	case !selected && published:
		d.Action, d.Reason = runner.ActionReuse, "not selected; stays as published"
		d.Fingerprint, d.Relation = before.Fingerprint, before.Relation
		return d
	case !selected && !p.needed[n.ID]:
		d.Action, d.Reason = runner.ActionSkip, "not selected"
		return d
	}
	d.Fingerprint = p.fingerprint(n)
	if n.Materialized == runner.Ephemeral {
		d.Action, d.Reason, d.Public = runner.ActionReuse, "ephemeral: part of the models that read it", runner.Relation{}
		return d
	}
	if n.Materialized.Stateful() {
		return p.decideStateful(n, d, before, published)
	}
	have, stands := p.Have[d.Fingerprint]
	again := selected && (p.Force && !n.Unforced || n.Kind == runner.KindSeed && n.Fresh)
	if stands && !n.Volatile && !again {
		d.Action, d.Reason, d.Relation = runner.ActionReuse, "unchanged", have.Relation
		if !published || before.Relation != have.Relation {
			d.Reason = "built by an earlier run, not published yet"
		}
		return d
	}
	d.Action, d.Reason = runner.ActionBuild, p.why(n, d, before, published)
	if n.Kind == runner.KindSeed && published && !n.Fresh {
		d.Previous = before.Relation
	}
	d.Relation = runner.Relation{Schema: Schema, Name: n.Name + "__" + d.Fingerprint[:12]}
	if stands { // the same content again: under a new name, because the old one may be what people read
		d.Relation.Name += "_" + hash(p.RunID)[:6]
	}
	return d
}

// carried takes a node as an earlier run built it.
func (p *planner) carried(n Node, d *runner.Decision) bool {
	fingerprint := p.fingerprint(n)
	have, stands := p.Have[fingerprint]
	if !stands || n.Materialized == runner.Ephemeral {
		return false
	}
	d.Action, d.Reason = runner.ActionReuse, "built by an earlier run, not published yet"
	d.Fingerprint, d.Relation = fingerprint, have.Relation
	return true
}

// shows tells whether a published view is to be made anew so that it shows what is. Only where its own SQL has not changed.
func (p *planner) shows(n Node, before Version) bool {
	return p.LiveViews && n.Materialized == runner.View && n.Content == before.Content &&
		slices.ContainsFunc(n.Upstream, func(id string) bool { return p.made[id].changed })
}

// StandsInWarehouse is the reason of a source that others make.
const StandsInWarehouse = "stands in the warehouse"

// decideExternal takes a relation as it stands. What the project itself makes under that name is meant where there is
// such a thing.
func (p *planner) decideExternal(n Node, d runner.Decision) runner.Decision {
	d.Action, d.Reason, d.Relation = runner.ActionReuse, StandsInWarehouse, n.Public
	d.Fingerprint = hash(n.ID, p.RunID) // its rows may be others in each run
	if n.Kind == runner.KindSource && len(n.Upstream) == 1 {
		same := p.made[n.Upstream[0]]
		d.Reason, d.Relation, d.Fingerprint = "another name of "+n.Upstream[0], same.relation, same.token
	}
	return d
}

// decideStateful keeps the published version if it was made from the same content and inputs; otherwise a new one grows
// out of it. Its name is that of the run, since equal inputs do not mean equal rows here.
func (p *planner) decideStateful(n Node, d runner.Decision, before Version, published bool) runner.Decision {
	if published && before.Fingerprint == d.Fingerprint && !n.Volatile && !n.Fresh && n.Again == "" && (!p.Force || n.Unforced) {
		d.Action, d.Reason, d.Relation = runner.ActionReuse, "unchanged", before.Relation
		return d
	}
	d.Action, d.Reason = runner.ActionBuild, p.why(n, d, before, published)
	d.Relation = runner.Relation{Schema: Schema, Name: n.Name + "__" + d.Fingerprint[:12] + "_" + hash(p.RunID)[:6]}
	if published && !n.Fresh {
		d.Previous = before.Relation
	}
	if n.Fresh {
		d.Reason = "full refresh"
	}
	return d
}

func (p *planner) fingerprint(n Node) string {
	parts := []string{string(n.Kind), n.ID, string(n.Materialized), n.Content}
	for _, id := range n.Upstream {
		parts = append(parts, p.made[id].token)
	}
	return hash(parts...)
}

// token stands for the rows of a node in the fingerprints of those that read it.
func token(d runner.Decision) string {
	if d.Relation.IsZero() || d.Relation == d.Public {
		return d.Fingerprint
	}
	return d.Relation.Bare()
}

func (p *planner) why(n Node, d runner.Decision, before Version, published bool) string {
	switch {
	case n.Volatile:
		return "its SQL depends on the clock, on chance or on files"
	case before.Gone && before.Fingerprint == d.Fingerprint:
		return "its table is missing from the warehouse"
	case p.Selected != nil && !p.Selected[n.ID] && published:
		return "a view on what is built anew"
	case p.Selected != nil && !p.Selected[n.ID]:
		return "not selected, but needed and never built"
	case n.Kind == runner.KindSeed && n.Fresh:
		return "full refresh"
	case !published:
		return "new"
	case before.Content != n.Content:
		return ownChange(n)
	}
	for _, id := range n.Upstream {
		if up := p.made[id]; up.changed {
			return up.root
		}
	}
	inlines := slices.ContainsFunc(n.Upstream, func(id string) bool { return p.made[id].inlined })
	switch {
	case p.Force:
		return "forced"
	case n.Again != "":
		return n.Again
	case inlines: // of ephemeral models no published version is known to compare with
		return "an ephemeral model it reads changed"
	default:
		return "its configuration changed"
	}
}

func ownChange(n Node) string {
	switch {
	case n.Change != "":
		return n.Change
	case n.Kind == runner.KindModel:
		return "its SQL or configuration changed"
	default:
		return "its files or columns changed"
	}
}

// changed tells whether those downstream read other rows than the published ones.
func (p *planner) changed(n Node, d runner.Decision) bool {
	if n.Materialized == runner.Ephemeral {
		for _, id := range n.Upstream {
			if p.made[id].changed {
				return true
			}
		}
		return false
	}
	return d.Relation != p.Published[n.ID].Relation
}

// root tells why a node's rows changed: "google_ads changed: google_ads.csv is new" where the change is its own, else
// what its first changed parent tells.
func (p *planner) root(n Node, d runner.Decision) string {
	for _, id := range n.Upstream {
		if up := p.made[id]; up.changed && d.Action == runner.ActionBuild && d.Reason == up.root {
			return up.root
		}
	}
	if n.Materialized == runner.Ephemeral {
		for _, id := range n.Upstream {
			if p.made[id].changed {
				return p.made[id].root
			}
		}
	}
	switch d.Reason {
	case "new":
		return n.Name + " is new"
	case "forced":
		return "forced"
	default:
		return fmt.Sprintf("%s changed: %s", n.Name, d.Reason)
	}
}

func hash(parts ...string) string {
	h := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil))
}
