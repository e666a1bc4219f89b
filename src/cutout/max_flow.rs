//! The least cut of a grid into two sides, by the greatest flow through it (Boykov and Kolmogorov, "An experimental
//! comparison of min-cut/max-flow algorithms for energy minimization in vision", 2004): two trees grow, from the source
//! and from the sink; where they meet there is a path, and what it saturates is hung up elsewhere, or let go.

use std::collections::VecDeque;

/// How many steps of growth or adoption go between two questions whether to go on.
const STEPS_PER_QUESTION: u32 = 1 << 14;

/// Which way a pixel's eight neighbours lie, x and y. That way and `opposite(way)` are the two ends of one arc.
pub(super) const WAYS: [[isize; 2]; 8] =
    [[-1, -1], [0, -1], [1, -1], [-1, 0], [1, 0], [-1, 1], [0, 1], [1, 1]];

const fn opposite(way: u8) -> u8 {
    7 - way
}

/// Parents that are no neighbours.
const TERMINAL: u8 = 8;
const NONE: u8 = 9;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tree {
    Free,
    Source,
    Sink,
}

/// What is known of a pixel's place in its tree.
#[derive(Clone, Copy)]
struct Node {
    tree: Tree,
    /// The way to its parent, or [`TERMINAL`], or [`NONE`].
    parent: u8,
    is_active: bool,
    /// How far it was from its terminal, at the time `checked`.
    distance: u32,
    checked: u32,
}

const FREE: Node =
    Node { tree: Tree::Free, parent: NONE, is_active: false, distance: 0, checked: 0 };

/// A grid of pixels, each bound to source or sink and to its neighbours.
pub(super) struct Network {
    /// Of the grid with a rim of one pixel, which is bound to nothing: so all pixels have eight neighbours.
    stride: usize,
    steps: [isize; 8],
    /// What more can flow to each neighbour.
    arcs: Vec<[i32; 8]>,
    /// What more can flow from the source, or, where negative, to the sink.
    terminals: Vec<i32>,
    nodes: Vec<Node>,
    active: VecDeque<u32>,
    orphans: VecDeque<u32>,
    clock: u32,
}

impl Network {
    pub(super) fn new(width: usize, height: usize) -> Self {
        let stride = width + 2;
        let n = stride * (height + 2);
        Self {
            stride,
            steps: WAYS.map(|[x, y]| y * stride as isize + x),
            arcs: vec![[0; 8]; n],
            terminals: vec![0; n],
            nodes: vec![FREE; n],
            active: VecDeque::new(),
            orphans: VecDeque::new(),
            clock: 0,
        }
    }

    const fn idx(&self, x: usize, y: usize) -> usize {
        (y + 1) * self.stride + x + 1
    }

    /// Binds a pixel to the source by that much, or, where negative, to the sink.
    pub(super) fn bind(&mut self, x: usize, y: usize, strength: i32) {
        let idx = self.idx(x, y);
        self.terminals[idx] = strength;
    }

    /// Binds a pixel to its neighbour that way, and back, by that much. The neighbour has to be inside.
    pub(super) fn join(&mut self, x: usize, y: usize, way: usize, strength: i32) {
        let idx = self.idx(x, y);
        let other = self.neighbour(idx, way as u8);
        self.arcs[idx][way] = strength;
        self.arcs[other][opposite(way as u8) as usize] = strength;
    }

    const fn neighbour(&self, idx: usize, way: u8) -> usize {
        idx.wrapping_add_signed(self.steps[way as usize])
    }

    /// What more can flow through the arc between a pixel and its neighbour, in the direction of the pixel's tree: away
    /// from the source, or towards the sink's side from it.
    fn room_outward(&self, idx: usize, way: u8) -> i32 {
        match self.nodes[idx].tree {
            Tree::Source => self.arcs[idx][way as usize],
            _ => self.arcs[self.neighbour(idx, way)][opposite(way) as usize],
        }
    }

    /// What more can flow between a pixel and the neighbour that is nearer to the terminal.
    fn room_inward(&self, idx: usize, way: u8) -> i32 {
        match self.nodes[idx].tree {
            Tree::Source => self.arcs[self.neighbour(idx, way)][opposite(way) as usize],
            _ => self.arcs[idx][way as usize],
        }
    }

    /// Which pixels are on the source's side, row by row; where both would do, the sink's. `None` where `go_on` says no.
    pub(super) fn cut(mut self, go_on: &dyn Fn() -> bool) -> Option<Vec<bool>> {
        self.plant();
        let mut n_steps = 0;
        while let Some(&idx) = self.active.front() {
            let idx = idx as usize;
            n_steps += 1;
            if let Some(way) = self.grow(idx) {
                self.augment(idx, way);
                while let Some(orphan) = self.orphans.pop_front() {
                    self.adopt(orphan as usize);
                    n_steps += 1;
                }
            } else {
                self.active.pop_front();
                self.nodes[idx].is_active = false;
            }
            if STEPS_PER_QUESTION <= n_steps {
                n_steps = 0;
                if !go_on() {
                    return None;
                }
            }
        }
        let rows = self.nodes.chunks(self.stride);
        let inner = rows.skip(1).take(self.nodes.len() / self.stride - 2);
        let sides = inner.flat_map(|row| row[1..self.stride - 1].iter());
        Some(sides.map(|it| it.tree == Tree::Source).collect())
    }

    /// Every pixel that is bound to a terminal begins a tree.
    fn plant(&mut self) {
        for idx in 0..self.nodes.len() {
            let tree = match self.terminals[idx] {
                1.. => Tree::Source,
                0 => continue,
                _ => Tree::Sink,
            };
            self.nodes[idx] =
                Node { tree, parent: TERMINAL, is_active: false, distance: 1, checked: 0 };
            self.activate(idx);
        }
    }

    fn activate(&mut self, idx: usize) {
        if !self.nodes[idx].is_active {
            self.nodes[idx].is_active = true;
            self.active.push_back(idx as u32);
        }
    }

    /// Takes in all free neighbours that can be reached. Returns the way to a neighbour of the other tree, if there is one.
    fn grow(&mut self, idx: usize) -> Option<u8> {
        let node = self.nodes[idx];
        if node.tree == Tree::Free {
            return None;
        }
        for way in 0..8 {
            if self.room_outward(idx, way) == 0 {
                continue;
            }
            let near = self.neighbour(idx, way);
            let other = self.nodes[near];
            let is_shorter = other.checked <= node.checked && node.distance + 1 < other.distance;
            if other.tree == Tree::Free || other.tree == node.tree && is_shorter {
                let grown = &mut self.nodes[near];
                grown.tree = node.tree;
                grown.parent = opposite(way);
                grown.distance = node.distance + 1;
                grown.checked = node.checked;
                if other.tree == Tree::Free {
                    self.activate(near);
                }
            } else if other.tree != node.tree {
                return Some(way);
            }
        }
        None
    }

    /// Sends all that can flow through the path over the arc from `idx` that way.
    fn augment(&mut self, idx: usize, way: u8) {
        self.clock += 1;
        let near = self.neighbour(idx, way);
        let (source_end, sink_end, way) = match self.nodes[idx].tree {
            Tree::Source => (idx, near, way),
            _ => (near, idx, opposite(way)),
        };
        let amount = self.arcs[source_end][way as usize]
            .min(self.room_to_terminal(source_end))
            .min(self.room_to_terminal(sink_end));
        self.arcs[source_end][way as usize] -= amount;
        self.arcs[sink_end][opposite(way) as usize] += amount;
        self.drain(source_end, amount);
        self.drain(sink_end, amount);
    }

    fn room_to_terminal(&self, mut idx: usize) -> i32 {
        let mut room = i32::MAX;
        loop {
            let parent = self.nodes[idx].parent;
            if parent == TERMINAL {
                return room.min(self.terminals[idx].abs());
            }
            room = room.min(self.room_inward(idx, parent));
            idx = self.neighbour(idx, parent);
        }
    }

    /// Sends `amount` between a pixel and its terminal; what has no more room there is orphaned.
    fn drain(&mut self, mut idx: usize, amount: i32) {
        let is_source = self.nodes[idx].tree == Tree::Source;
        loop {
            let way = self.nodes[idx].parent;
            if way == TERMINAL {
                self.terminals[idx] -= if is_source { amount } else { -amount };
                if self.terminals[idx] == 0 {
                    self.orphan(idx);
                }
                return;
            }
            let parent = self.neighbour(idx, way);
            let towards_sink = if is_source { -amount } else { amount };
            self.arcs[idx][way as usize] -= towards_sink;
            self.arcs[parent][opposite(way) as usize] += towards_sink;
            if self.room_inward(idx, way) == 0 {
                self.orphan(idx);
            }
            idx = parent;
        }
    }

    fn orphan(&mut self, idx: usize) {
        self.nodes[idx].parent = NONE;
        self.orphans.push_back(idx as u32);
    }

    /// Finds a new parent for a pixel, the nearest to its terminal; else lets it go, and orphans its children.
    fn adopt(&mut self, idx: usize) {
        let mut best: Option<(u32, u8)> = None;
        for way in 0..8 {
            let near = self.neighbour(idx, way);
            if self.nodes[near].tree != self.nodes[idx].tree || self.room_inward(idx, way) == 0 {
                continue;
            }
            if let Some(distance) = self.distance_to_terminal(near)
                && best.is_none_or(|(least, _)| distance < least)
            {
                best = Some((distance, way));
            }
        }
        if let Some((distance, way)) = best {
            let node = &mut self.nodes[idx];
            (node.parent, node.distance, node.checked) = (way, distance + 1, self.clock);
            return;
        }
        for way in 0..8 {
            let near = self.neighbour(idx, way);
            if self.nodes[near].tree != self.nodes[idx].tree {
                continue;
            }
            if self.room_inward(idx, way) != 0 {
                self.activate(near);
            }
            if self.nodes[near].parent == opposite(way) {
                self.orphan(near);
            }
        }
        // It stays in the queue if it is there, and is passed over.
        let node = &mut self.nodes[idx];
        (node.tree, node.parent) = (Tree::Free, NONE);
    }

    /// How many steps a pixel is from its terminal; `None` where the way ends at an orphan. Notes it along the way.
    fn distance_to_terminal(&mut self, start: usize) -> Option<u32> {
        let (mut idx, mut n_steps) = (start, 0);
        let total = loop {
            let node = self.nodes[idx];
            if node.checked == self.clock && node.parent != NONE {
                break n_steps + node.distance;
            }
            match node.parent {
                NONE => return None,
                TERMINAL => {
                    let node = &mut self.nodes[idx];
                    (node.distance, node.checked) = (1, self.clock);
                    break n_steps + 1;
                }
                way => idx = self.neighbour(idx, way),
            }
            n_steps += 1;
        };
        let (mut idx, mut distance) = (start, total);
        while self.nodes[idx].checked != self.clock {
            let node = &mut self.nodes[idx];
            (node.distance, node.checked) = (distance, self.clock);
            let way = node.parent;
            idx = self.neighbour(idx, way);
            distance -= 1;
        }
        Some(total)
    }
}
