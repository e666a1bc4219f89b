//! From a picture and what is to be painted to a complete request. Pure functions.

use std::collections::BTreeSet;

use crate::base::{
    Cell, CellPlan, CellRect, Grid, ModelId, Order, PixelRect, Plan, ReadingOrder, Request,
    ViewSize,
};
use crate::document::{Author, PaintSettings, Picture, Region};
use crate::model::Facts;

/// The request that paints `open`, and all cells in which there is nothing yet.
///
/// What the artist set stays set: such cells are kept, whatever `open` says; where their codes are not known yet, they are
/// read. An order around the edit is one around `focus`.
pub(super) fn request(
    picture: &Picture,
    facts: &Facts,
    open: &BTreeSet<Cell>,
    focus: &[Cell],
) -> Request {
    let cells = picture.grid.cells().map(|cell| {
        let state = picture.state(cell);
        let stays = state.author == Author::Artist || !open.contains(&cell);
        match (state.author, state.code) {
            (Author::Nobody, _) => CellPlan::Paint,
            (_, Some(code)) if stays => CellPlan::Keep(code),
            (_, None) if stays => CellPlan::Read,
            (_, Some(_) | None) => CellPlan::Paint,
        }
    });
    Request {
        model: facts.id.clone(),
        prompts: picture.prompts(),
        sampling: picture.paint_settings.sampling,
        seed: picture.paint_settings.seed,
        plan: Plan {
            grid: Grid { cell_pixels: facts.grid.cell_pixels, ..picture.grid },
            order: order(picture, facts, focus),
            view_size: ViewSize::of(facts.grid),
            reading_order: facts.reading_order(),
            cells: cells.collect(),
            prompts: picture.prompts_of_cells(),
            variations: picture.cells.iter().map(|it| it.variation).collect(),
        },
    }
}

/// The request that paints the picture from nothing, but for what no model has painted: what exported files carry.
/// `facts` are of the model that paints, if there is one.
pub(super) fn whole_request(picture: &Picture, facts: Option<&Facts>) -> Request {
    let is_open = |it: &Cell| !picture.state(*it).author.is_foreign();
    let open: BTreeSet<Cell> = picture.grid.cells().filter(is_open).collect();
    let mut request = match facts {
        Some(facts) => request(picture, facts, &open, &[]),
        None => Request {
            model: ModelId::default(),
            prompts: picture.prompts(),
            sampling: picture.paint_settings.sampling,
            seed: picture.paint_settings.seed,
            plan: Plan {
                prompts: picture.prompts_of_cells(),
                ..Plan::fresh(picture.grid, picture.paint_settings.order.clone())
            },
        },
    };
    if let Some(painter) = picture.painters.last() {
        request.model = painter.clone();
    }
    request
}

/// The blank picture on `grid` that a request is for: its prompt and those of its regions, its variations. Where it keeps its
/// prompts to itself, the picture's own is that of `pending`.
pub(super) fn picture_of(request: &Request, grid: Grid, pending: &PaintSettings) -> Picture {
    let mut prompts = request.prompts.iter();
    let own = prompts.next().filter(|it| !it.text.is_empty());
    let (prompt, negative) = own.map_or_else(
        || (pending.prompt.clone(), pending.negative.clone()),
        |it| (it.text.clone(), it.negative.clone()),
    );
    let guidance = request.prompts.first().map_or(pending.guidance, |it| it.guidance);
    let (sampling, seed, order) = (request.sampling, request.seed, request.plan.order.clone());
    let paint_settings = PaintSettings { prompt, negative, guidance, sampling, seed, order };
    let mut picture = Picture::new(grid, paint_settings);
    for (state, &variation) in picture.cells.iter_mut().zip(&request.plan.variations) {
        state.variation = variation;
    }
    picture.regions = prompts
        .map(|it| Region { prompt: it.text.clone(), guidance: it.guidance, cells: Vec::new() })
        .collect();
    for (cell, &prompt) in picture.grid.cells().zip(&request.plan.prompts) {
        if let Some(idx) = usize::from(prompt).checked_sub(1) {
            picture.regions[idx].cells.push(cell);
        }
    }
    picture.regions.retain(|it| !it.prompt.is_empty());
    picture
}

/// How many pixels of a canvas of `width` × `height` a pixel of the model's had best take along each side: it sees as much
/// as it can at once, and nothing is smaller than it can paint.
pub(super) fn scale_for(width: u32, height: u32, facts: &Facts) -> u16 {
    let (across, down) = (facts.grid.width(), facts.grid.height());
    let scale = if facts.paints_larger {
        (width / across).min(height / down)
    } else {
        width.div_ceil(across).max(height.div_ceil(down))
    };
    scale.clamp(1, u32::from(Grid::MAX_SCALE)) as u16
}

/// The grid for a canvas of `width` × `height` pixels, and where in it the canvas lies: in the middle. `None` where there
/// is no such canvas.
pub(super) fn canvas_for(
    width: u32,
    height: u32,
    scale: u16,
    facts: &Facts,
) -> Option<(Grid, PixelRect)> {
    let Grid { rows, cols, cell_pixels } = facts.grid.scaled(scale);
    let n_cells = |pixels: u32, own: u16| {
        let n_cells = pixels.div_ceil(u32::from(cell_pixels)).max(own.into());
        u16::try_from(n_cells).ok().filter(|&it| 0 < pixels && it <= Grid::MAX_SIDE)
    };
    let grid = Grid { rows: n_cells(height, rows)?, cols: n_cells(width, cols)?, cell_pixels };
    let (left, top) = ((grid.width() - width) / 2, (grid.height() - height) / 2);
    Some((grid, PixelRect::new(left, top, left + width, top + height)))
}

/// The cells that come after the first of `edited`, those of the artist left out.
pub(super) fn later_cells(
    picture: &Picture,
    facts: &Facts,
    edited: &BTreeSet<Cell>,
) -> BTreeSet<Cell> {
    if edited.is_empty() {
        return BTreeSet::new();
    }
    let focus: Vec<Cell> = edited.iter().copied().collect();
    let rule = order(picture, facts, &focus);
    let (view_size, reading_order) = (ViewSize::of(facts.grid), facts.reading_order());
    let fresh = Plan { view_size, reading_order, ..Plan::fresh(picture.grid, rule.clone()) };
    let steps = fresh.steps(picture.paint_settings.seed);
    let order: Vec<Cell> = steps.into_iter().map(|it| it.cell).collect();
    let first = order.iter().position(|it| edited.contains(it)).unwrap_or(order.len());
    // Where only the network knows the order, any cell may come later.
    let first = if rule == Order::Sure && first < order.len() { 0 } else { first };
    order.into_iter().skip(first).filter(|&it| is_the_models(picture, it)).collect()
}

fn order(picture: &Picture, facts: &Facts, focus: &[Cell]) -> Order {
    match &picture.paint_settings.order {
        // It can do nothing else.
        _ if facts.reading_order() == ReadingOrder::InPlace => Order::Rows,
        Order::Around(_) => Order::Around(focus.to_vec()),
        order => order.clone(),
    }
}

/// The cells next to `edited` that are not the artist's.
pub(super) fn cells_around(picture: &Picture, edited: &BTreeSet<Cell>) -> BTreeSet<Cell> {
    let near = edited.iter().flat_map(|&it| CellRect::of(it).grown(1, picture.grid).cells());
    near.filter(|&it| is_the_models(picture, it)).collect()
}

/// The cells next to `open` that stay and were painted under another prompt, or by nobody here. Not the artist's: what
/// is painted beside strokes follows them.
pub(super) fn foreign_neighbours(
    picture: &Picture,
    plan: &Plan,
    open: &BTreeSet<Cell>,
) -> BTreeSet<Cell> {
    let near = |it: Cell| CellRect::of(it).grown(1, plan.grid).cells();
    let prompt_of = |it: Cell| plan.prompts[plan.grid.idx(it)];
    let beside = open.iter().flat_map(|&cell| near(cell).map(move |it| (cell, it)));
    let stays = beside.filter(|(_, it)| !open.contains(it) && is_the_models(picture, *it));
    let is_foreign = |&(cell, it): &(Cell, Cell)| {
        picture.state(it).author.is_foreign() || prompt_of(cell) != prompt_of(it)
    };
    stays.filter(is_foreign).map(|(_, it)| it).collect()
}

/// Whether the model may paint there.
pub(super) fn is_the_models(picture: &Picture, cell: Cell) -> bool {
    picture.state(cell).author != Author::Artist
}
