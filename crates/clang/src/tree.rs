//! The part of the syntax tree that was looked at, kept so that each node is asked for once.
//!
//! libclang finds children by visiting; a visit has a cost of its own, and an analysis asks for the
//! same children several times. So the first question about a declaration copies everything below it,
//! in one visit.

use std::cell::RefCell;
use std::num::NonZeroU32;

use clang_sys as sys;
use clang_sys::{CXChildVisitResult, CXClientData, CXCursor};
use smallvec::SmallVec;

use crate::{Cursor, Unit};

/// A node of a [`Tree`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct NodeId(NonZeroU32);

/// Nodes that were copied.
#[derive(Default)]
pub(crate) struct Tree {
    nodes: RefCell<Nodes>,
}

/// Nodes, in pieces so that none is ever moved to make room for others.
#[derive(Default)]
struct Nodes {
    pieces: Vec<Vec<Node>>,
}

/// A cursor, without the pointer to its unit, which is the same for all; big sources have millions.
struct Node {
    data: [*const std::ffi::c_void; 2],
    xdata: i32,
    /// The first child.
    first: Option<NodeId>,
    /// The next child of the same parent.
    next: Option<NodeId>,
    /// A `CXCursorKind`; they end below 1000.
    kind: i16,
    /// Whether the children are known.
    is_open: bool,
    /// Once somebody has asked.
    function: Option<FunctionType>,
}

/// The children of a node. Expressions seldom have more than two.
pub type Children<'u> = SmallVec<[Cursor<'u>; 2]>;

/// Nodes in a piece.
const PIECE: usize = 4096;

/// What the type of an expression or declaration has to do with functions.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum FunctionType {
    /// It is a function type.
    Function,
    /// It is a pointer to a function type.
    Pointer,
    /// It is neither, but a structure, a union, an array, or a pointer to pointers or arrays: there may
    /// be pointers to functions in it.
    Container,
    /// It is an atomic type.
    Atomic,
    /// It is none of these.
    Neither,
}

impl Tree {
    /// The direct children of a node of the unit, which gets them from libclang the first time.
    #[inline]
    pub(crate) fn children<'u>(&self, unit: &'u Unit, parent: NodeId) -> Children<'u> {
        let is_open = self.nodes.borrow().get(parent).is_open;
        if !is_open {
            let mut nodes = self.nodes.borrow_mut();
            let node = nodes.get_mut(parent);
            node.is_open = true;
            let raw = node.cursor(unit);
            copy(&mut nodes, raw, parent, sys::CXChildVisit_Recurse);
        }
        self.nodes.borrow().children(unit, parent)
    }

    /// The children of a cursor that is no node, such as the root: they become nodes, but not what is
    /// below them.
    pub(crate) fn roots<'u>(&self, unit: &'u Unit, parent: CXCursor) -> Children<'u> {
        let mut nodes = self.nodes.borrow_mut();
        let root = nodes.add(&parent);
        copy(&mut nodes, parent, root, sys::CXChildVisit_Continue);
        nodes.children(unit, root)
    }

    /// What was noted about a node's type.
    #[inline]
    pub(crate) fn function_type(&self, node: NodeId) -> Option<FunctionType> {
        self.nodes.borrow().get(node).function
    }

    /// Notes it.
    pub(crate) fn note_function_type(&self, node: NodeId, function: FunctionType) {
        self.nodes.borrow_mut().get_mut(node).function = Some(function);
    }
}

impl Node {
    #[inline]
    fn cursor(&self, unit: &Unit) -> CXCursor {
        let [first, second] = self.data;
        CXCursor {
            kind: self.kind.into(),
            xdata: self.xdata,
            data: [first, second, unit.raw().cast()],
        }
    }
}

impl Nodes {
    #[inline]
    fn get(&self, id: NodeId) -> &Node {
        let index = id.0.get() as usize - 1;
        &self.pieces[index / PIECE][index % PIECE]
    }

    fn get_mut(&mut self, id: NodeId) -> &mut Node {
        let index = id.0.get() as usize - 1;
        &mut self.pieces[index / PIECE][index % PIECE]
    }

    fn add(&mut self, raw: &CXCursor) -> NodeId {
        if self.pieces.last().is_none_or(|piece| piece.len() == PIECE) {
            self.pieces.push(Vec::with_capacity(PIECE));
        }
        let full = (self.pieces.len() - 1) * PIECE;
        let piece = self.pieces.last_mut().expect("there is one");
        piece.push(Node {
            data: [raw.data[0], raw.data[1]],
            xdata: raw.xdata,
            first: None,
            next: None,
            kind: i16::try_from(raw.kind).expect("a small number"),
            is_open: false,
            function: None,
        });
        let number = u32::try_from(full + piece.len()).ok().and_then(NonZeroU32::new);
        NodeId(number.expect("between 1 and 2^32 nodes"))
    }

    #[inline]
    fn children<'u>(&self, unit: &'u Unit, parent: NodeId) -> Children<'u> {
        let mut children = Children::new();
        let mut next = self.get(parent).first;
        while let Some(id) = next {
            let node = self.get(id);
            children.push(Cursor::of_node(node.cursor(unit), unit, id));
            next = node.next;
        }
        children
    }
}

/// A visit: the nodes from the one where it began down to the last one seen, each with its last child
/// so far.
struct Visit<'a> {
    nodes: &'a mut Nodes,
    open: Vec<(CXCursor, NodeId, Option<NodeId>)>,
    answer: CXChildVisitResult,
}

/// Copies the children of a cursor below a node; all descendants if the answer to each is to recurse.
fn copy(nodes: &mut Nodes, raw: CXCursor, parent: NodeId, answer: CXChildVisitResult) {
    let mut visit = Visit { nodes, open: vec![(raw, parent, None)], answer };
    // SAFETY: a cursor of a living unit; the callback matches its data, which outlives the visit.
    unsafe { sys::clang_visitChildren(raw, enter, (&raw mut visit).cast()) };
}

extern "C" fn enter(child: CXCursor, parent: CXCursor, visit: CXClientData) -> CXChildVisitResult {
    // SAFETY: the data is the visit of `copy`, which nothing else uses during the call.
    let visit = unsafe { &mut *visit.cast::<Visit<'_>>() };
    // Nodes come in preorder, so the parent is among the open ones, the innermost most often.
    while visit.open.len() > 1 && !is_same(&visit.open[visit.open.len() - 1].0, &parent) {
        visit.open.pop();
    }
    let id = visit.nodes.add(&child);
    let recurses = visit.answer == sys::CXChildVisit_Recurse;
    visit.nodes.get_mut(id).is_open = recurses;
    let (_, parent, last) = visit.open.last_mut().expect("the first one stays");
    match last.replace(id) {
        Some(last) => visit.nodes.get_mut(last).next = Some(id),
        None => visit.nodes.get_mut(*parent).first = Some(id),
    }
    if !recurses || is_leaf(child.kind) {
        return sys::CXChildVisit_Continue;
    }
    visit.open.push((child, id, None));
    sys::CXChildVisit_Recurse
}

/// Kinds that never have children in C, so that there is no need to look.
fn is_leaf(kind: sys::CXCursorKind) -> bool {
    matches!(
        kind,
        sys::CXCursor_IntegerLiteral
            | sys::CXCursor_FloatingLiteral
            | sys::CXCursor_StringLiteral
            | sys::CXCursor_CharacterLiteral
            | sys::CXCursor_DeclRefExpr
            | sys::CXCursor_TypeRef
            | sys::CXCursor_LabelRef
            | sys::CXCursor_MemberRef
            | sys::CXCursor_BreakStmt
            | sys::CXCursor_ContinueStmt
            | sys::CXCursor_NullStmt
    )
}

/// Whether two cursors are the same node of libclang's tree.
pub(crate) fn is_same(a: &CXCursor, b: &CXCursor) -> bool {
    a.kind == b.kind && a.xdata == b.xdata && a.data == b.data
}
