//! The rest follows while the brush is still down: a preview, which becomes the picture when it is lifted.
//!
//! Nothing of it is part of the picture. Each update asks for the codes of what has been drawn since the one before,
//! and then draws everything that comes after it anew, in one pass, as if the update before had been right about what
//! comes before each cell. So it lags behind by one update at most, and where the brush rests, update by update the
//! preview becomes what will be painted, and then stands still. Paint changes the codes of cells near it a little, too:
//! those are asked for where the brush rests.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use super::{Session, planning};
use crate::base::{Cell, CellRect, Code, PixelRect, Pixmap, Request};
use crate::document::{Author, touched_cells};
use crate::engine::{Command, JobId, Outcome, Run};
use crate::model::Decoded;

/// Cells around fresh paint that are read with it while the brush moves: of Landscapes 3 that takes a quarter of the time
/// that exact codes take. Where the brush rests, all is asked once more, exactly.
const NEAR: u16 = 2;

/// A preview under way.
#[derive(Debug)]
pub(super) struct Live {
    /// What has been drawn upon since the brush came down, and what of that nothing was asked about yet.
    area: PixelRect,
    news: Option<PixelRect>,
    /// Whether the last question was about all of the area.
    asked_all: bool,
    /// The question that the codec has not answered yet, and the cells it is about.
    question: Option<(u64, BTreeSet<Cell>)>,
    /// The artist's cells so far, and whether no update knows of some of them.
    artist_cells: BTreeMap<Cell, Code>,
    is_due: bool,
    /// What is asked of the painter, for what was drawn so far.
    request: Option<Request>,
    job: Option<JobId>,
    /// Whether the update under way has come to other codes than the one before.
    has_moved: bool,
    /// The cells that follow.
    open: BTreeSet<Cell>,
    /// The picture as it would be, row by row.
    codes: Vec<Option<Code>>,
    layer: Pixmap,
    n_updates: usize,
    began: Instant,
}

impl Session {
    /// Whether the rest follows while the brush is still down.
    #[must_use]
    pub fn follows_brush(&self) -> bool {
        self.follows_brush
    }

    /// The model's layer as it is to be shown.
    #[must_use]
    pub fn shown_layer(&self) -> &Pixmap {
        self.live.as_ref().map_or(&self.picture.model_layer, |it| &it.layer)
    }

    /// While the rest follows the brush: how often per second the whole of it was painted.
    #[must_use]
    pub fn updates_per_sec(&self) -> Option<f32> {
        let live = self.live.as_ref()?;
        Some(live.n_updates as f32 / live.began.elapsed().as_secs_f32().max(0.001))
    }

    /// The brush has drawn.
    pub(super) fn follow_brush(&mut self, area: PixelRect) {
        let can_follow = self.follows_brush
            && self.facts.is_some()
            && self.painting.is_none()
            && self.picture.is_finished();
        if !can_follow {
            return;
        }
        let picture = &self.picture;
        let live = self.live.get_or_insert_with(|| Live {
            area: PixelRect::default(),
            news: None,
            asked_all: false,
            question: None,
            artist_cells: BTreeMap::new(),
            is_due: false,
            request: None,
            job: None,
            has_moved: false,
            open: BTreeSet::new(),
            codes: picture.codes(),
            layer: picture.model_layer.clone(),
            n_updates: 0,
            began: Instant::now(),
        });
        live.area = live.area.union(area);
        live.news = Some(live.news.map_or(area, |it| it.union(area)));
        self.ask_what_was_drawn();
    }

    /// Asks for the codes of what was drawn since the last question: while an update is under way, so that the next
    /// one need not wait for them.
    fn ask_what_was_drawn(&mut self) {
        let live = self.live.as_mut().filter(|it| it.question.is_none() && !it.is_due);
        if let Some(area) = live.and_then(|it| it.news.take()) {
            self.ask_codes(area);
        }
    }

    fn ask_codes(&mut self, area: PixelRect) {
        let (Some(live), Some(stroke), Some(facts)) = (&mut self.live, &self.drawing, &self.facts)
        else {
            return;
        };
        live.asked_all = area == live.area;
        let area = area.intersection(self.picture.grid.canvas());
        let touched = touched_cells(&self.picture, stroke.before(), area);
        let Some(cells) = touched.iter().copied().map(CellRect::of).reduce(CellRect::union) else {
            return;
        };
        let margin =
            if live.asked_all { facts.encode_margin } else { facts.encode_margin.min(NEAR) };
        let area = self.picture.grid.pixels(cells.grown(margin, self.picture.grid));
        let rgb = self.picture.composite_over(area, super::brushwork::PAPER);
        self.last_ticket += 1;
        live.question = Some((self.last_ticket, touched.into_iter().collect()));
        let ticket = self.last_ticket;
        self.engine.send(Command::Encode { ticket, rgb, area, cells, with_labels: false });
    }

    /// Takes the codes of what was drawn, for the next update. Whether they were asked for here.
    pub(super) fn accept_live_codes(
        &mut self,
        ticket: u64,
        cells: CellRect,
        codes: &[Code],
    ) -> bool {
        let Some(live) = &mut self.live else { return false };
        let Some((_, touched)) = live.question.take_if(|it| it.0 == ticket) else { return false };
        if live.asked_all {
            // A stroke's last piece may have been bent away from a cell.
            let picture = &self.picture;
            let is_artists = |cell: &Cell| picture.state(*cell).author == Author::Artist;
            let n_before = live.artist_cells.len();
            live.artist_cells.retain(|cell, _| touched.contains(cell) || is_artists(cell));
            live.is_due |= live.artist_cells.len() != n_before;
        }
        for (cell, &code) in cells.cells().zip(codes).filter(|(cell, _)| touched.contains(cell)) {
            live.is_due |= live.artist_cells.insert(cell, code) != Some(code);
        }
        // An update under way ends first: a brush that never rests would let none be seen.
        if live.job.is_none() {
            self.continue_following();
        }
        true
    }

    /// Has the rest follow what was drawn so far.
    fn follow_artist(&mut self) {
        let (Some(live), Some(facts)) = (&mut self.live, &self.facts) else { return };
        live.is_due = false;
        let mut picture = self.picture.clone();
        for (&cell, &code) in &live.artist_cells {
            let idx = picture.grid.idx(cell);
            picture.cells[idx].code = Some(code);
            picture.cells[idx].author = Author::Artist;
            live.codes[idx] = Some(code);
        }
        let drawn: Vec<Cell> = live.artist_cells.keys().copied().collect();
        live.open = planning::later_cells(&picture, &drawn.iter().copied().collect());
        live.request = Some(planning::request(&picture, &facts.id, &live.open, &drawn));
        self.update_preview();
    }

    fn update_preview(&mut self) {
        let Some(live) = &mut self.live else { return };
        let Some(request) = live.request.clone().map(Box::new) else { return };
        self.last_job += 1;
        let (job, drafts) = (JobId(self.last_job), live.codes.clone());
        (live.job, live.has_moved) = (Some(job), false);
        self.engine.send(Command::Paint { job, request, drafts, run: Run::Preview });
    }

    /// The preview that a job is for, if it is for one.
    fn live(&mut self, job: JobId) -> Option<&mut Live> {
        self.live.as_mut().filter(|it| it.job == Some(job))
    }

    pub(super) fn accept_preview_codes(&mut self, job: JobId, codes: &[(Cell, Code)]) {
        let grid = self.picture.grid;
        let Some(live) = self.live(job) else { return };
        for &(cell, code) in codes {
            live.has_moved |= live.codes[grid.idx(cell)].replace(code) != Some(code);
        }
    }

    pub(super) fn preview(&mut self, job: JobId, decoded: &Decoded) {
        let grid = self.picture.grid;
        let area = grid.pixels(decoded.window);
        let size = u32::from(grid.cell_pixels);
        let Some(live) = self.live(job) else { return };
        let window = decoded.window;
        let is_open: Vec<bool> = window.cells().map(|cell| live.open.contains(&cell)).collect();
        let n_cols = area.width() / size;
        live.layer.update(area, |x, y, old| {
            let (x, y) = (x - area.left, y - area.top);
            let place = (y * area.width() + x) as usize * 3;
            if is_open[(y / size * n_cols + x / size) as usize] {
                [decoded.rgb[place], decoded.rgb[place + 1], decoded.rgb[place + 2], 255]
            } else {
                old
            }
        });
        self.refresh(area);
    }

    pub(super) fn end_preview(&mut self, job: JobId, outcome: &Outcome) {
        if let Some(live) = self.live(job) {
            live.job = None;
            let is_whole = *outcome == Outcome::Finished;
            live.n_updates += usize::from(is_whole);
            live.has_moved &= is_whole;
            self.continue_following();
        }
    }

    /// After an update, or an answer while none is under way.
    fn continue_following(&mut self) {
        let is_drawing = self.drawing.is_some() && self.painting.is_none();
        let Some(live) = self.live.as_mut().filter(|_| is_drawing) else { return };
        if live.is_due {
            self.follow_artist();
            self.ask_what_was_drawn();
        } else if live.question.is_none() {
            self.ask_what_was_drawn();
            self.refine_preview();
        }
    }

    /// Nears what will be painted; once it is there, makes sure of all codes.
    fn refine_preview(&mut self) {
        let Some(live) = &mut self.live else { return };
        if std::mem::take(&mut live.has_moved) {
            self.update_preview();
        } else if live.question.is_none() && !live.asked_all {
            let area = live.area;
            self.ask_codes(area);
        }
    }

    /// No question will be answered any more.
    pub(super) fn forget_live_question(&mut self) {
        if let Some(live) = &mut self.live {
            (live.question, live.asked_all) = (None, false);
        }
    }

    /// What the painting that takes the preview over has shown is what is seen.
    pub(super) fn show_over_preview(&mut self, area: PixelRect) {
        if let Some(live) = &mut self.live {
            let (layer, cells, grid) =
                (&self.picture.model_layer, &self.picture.cells, self.picture.grid);
            live.layer.update(area, |x, y, old| {
                let state = cells[grid.idx(grid.cell_of_pixel(x, y))];
                if state.wet { layer.at(x, y) } else { old }
            });
        }
    }

    /// A painting that took a preview over was stopped before its end. Its pixels stand beside those of the preview, which
    /// are not to be: what stays is decoded once more, as a painting of no cells, before its entry ends.
    pub(super) fn leave_preview(&mut self) {
        self.end_live();
        (self.staged, self.second_look) = (None, None);
        let (Some(painting), Some(facts)) = (&mut self.painting, &self.facts) else { return };
        painting.open.clear();
        (painting.is_staged, painting.is_paused) = (false, false);
        self.last_job += 1;
        painting.job = JobId(self.last_job);
        let request = planning::request(&self.picture, &facts.id, &BTreeSet::new(), &self.focus);
        let (job, request) = (painting.job, Box::new(request));
        let drafts = self.picture.codes();
        self.engine.send(Command::Paint { job, request, drafts, run: Run::On });
    }

    /// The codes of the preview: the best guesses for what it is to become.
    pub(super) fn preview_codes(&self) -> Option<Vec<Option<Code>>> {
        self.live.as_ref().map(|it| it.codes.clone())
    }

    pub(super) fn end_live(&mut self) {
        if let Some(live) = self.live.take() {
            if live.job.is_some() {
                self.engine.send(Command::Stop);
            }
            self.refresh_all();
        }
    }
}
