//! The rest follows while the brush is still down: a preview, which becomes the picture when it is lifted. Nothing of it
//! is part of the picture.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use super::activity::{Activity, ShownPreview};
use super::document::Document;
use super::planning;
use crate::base::{Cell, JobId, PixelRect, Pixmap, Slot};
use crate::document::{Author, ModelView, touched_cells};
use crate::engine::{Command, FollowUpdate, NewFollowing, Preview, Run};

/// A preview under way.
#[derive(Debug)]
pub(super) struct Following {
    pub(super) job: JobId,
    updates: Slot<FollowUpdate>,
    previews: Slot<Preview>,
    /// The cells that the stroke has touched so far.
    touched: BTreeSet<Cell>,
    /// What has been drawn upon that the engine has not been told of.
    news: Option<PixelRect>,
    pub(super) shown: ShownPreview,
    n_updates: usize,
    n_passes: usize,
    began: Instant,
}

impl Document {
    /// The model's layer as it is to be shown.
    #[must_use]
    pub fn shown_layer(&self) -> &Pixmap {
        let preview = match &self.activity {
            Activity::Following(it) => Some(&it.shown),
            Activity::Painting(it) => it.preview.as_ref(),
            Activity::Idle | Activity::Judging(_) => None,
        };
        preview.map_or(&self.picture.model_layer, |it| &it.layer)
    }

    /// While the rest follows the brush: how often per second the whole of it was painted.
    #[must_use]
    pub fn updates_per_sec(&self) -> Option<f32> {
        let following = self.activity.following()?;
        Some(following.n_updates as f32 / following.began.elapsed().as_secs_f32().max(0.001))
    }

    /// The brush has drawn.
    pub(super) fn follow_brush(&mut self, area: PixelRect) {
        let is_wanted = self.drawing.as_ref().is_some_and(|it| it.is_followed);
        let painter = self.painter().ok().filter(|it| !self.is_foreign(it));
        if let Some(facts) = painter.filter(|_| is_wanted && self.activity.is_idle())
            && self.picture.is_finished()
        {
            self.begin_following(self.scale(&facts));
        }
        if let (Some(following), Some(drawing)) = (self.activity.following_mut(), &self.drawing) {
            // Where it begins in the middle of a stroke, all of that is new.
            let area = if following.touched.is_empty() { drawing.stroke.area() } else { area };
            following.news = Some(following.news.map_or(area, |it| it.union(area)));
            self.tell_what_was_drawn();
        }
    }

    fn begin_following(&mut self, scale: u16) {
        let following = Following {
            job: JobId::next(),
            updates: Slot::default(),
            previews: Slot::default(),
            touched: BTreeSet::new(),
            news: None,
            shown: ShownPreview {
                layer: self.picture.model_layer.clone(),
                codes: self.picture.codes(),
            },
            n_updates: 0,
            n_passes: 0,
            began: Instant::now(),
        };
        self.commands.push(Command::Follow(Box::new(NewFollowing {
            job: following.job,
            document: self.id(),
            scale,
            grid: self.picture.grid,
            layer: following.shown.layer.clone(),
            codes: following.shown.codes.clone(),
            updates: following.updates.clone(),
            previews: following.previews.clone(),
        })));
        self.activity = Activity::Following(Box::new(following));
    }

    /// Tells the engine what has been drawn, once it has taken in what it was told before: to say what follows takes
    /// longer than to draw on.
    pub(super) fn tell_what_was_drawn(&mut self) {
        let (Activity::Following(following), Some(drawing), Some(facts)) =
            (&mut self.activity, &self.drawing, &self.facts)
        else {
            return;
        };
        if following.updates.is_full() {
            return;
        }
        let grid = self.picture.grid;
        let Some(area) = following.news.take().map(|it| it.intersection(grid.area())) else {
            return;
        };
        let Some(stale) = grid.touched(area) else { return };
        following.touched.retain(|&it| !stale.contains(it));
        let mut before = self.picture.clone();
        drawing.take_out_of(&mut before);
        following.touched.extend(touched_cells(&self.picture, &before, area));

        let mut picture = self.picture.clone();
        for &cell in &following.touched {
            let state = &mut picture.cells[grid.idx(cell)];
            (state.code, state.author) = (None, Author::Artist);
        }
        let open = planning::later_cells(&picture, facts, &following.touched);
        let focus: Vec<Cell> = following.touched.iter().copied().collect();
        let request = planning::request(&picture, facts, &open, &focus);
        let pixels = Arc::new(ModelView::new(picture, facts.grid.cell_pixels));
        following.updates.put(|untaken: Option<FollowUpdate>| {
            let stale = untaken.map_or(stale, |it| it.stale.union(stale));
            FollowUpdate { request, pixels, stale }
        });
        self.commands.push(Command::Drawn(following.job));
    }

    /// Shows the newest preview.
    pub(super) fn show_newest_preview(&mut self) {
        let Some(following) = self.activity.following_mut() else { return };
        let Some(preview) = following.previews.take() else { return };
        let Preview { layer, codes, n_updates, n_passes } = preview;
        self.passes_so_far += n_passes - following.n_passes;
        (following.n_updates, following.n_passes) = (n_updates, n_passes);
        let older = std::mem::replace(&mut following.shown, ShownPreview { layer, codes });
        let area = following.shown.layer.area_unlike(&older.layer);
        self.refresh(area);
    }

    /// The preview is of no use any more.
    pub(super) fn end_following(&mut self) {
        if let Some(following) = self.activity.following() {
            self.commands.push(Command::Stop(following.job));
            self.activity = Activity::Idle;
            self.refresh_all();
        }
    }

    /// What the painting that took the preview over has painted is what is seen.
    pub(super) fn show_over_preview(&mut self, area: PixelRect) {
        let (layer, cells, grid) =
            (&self.picture.model_layer, &self.picture.cells, self.picture.grid);
        if let Activity::Painting(painting) = &mut self.activity
            && let Some(preview) = &mut painting.preview
        {
            preview.layer.update(area, |x, y, old| {
                let state = cells[grid.idx(grid.cell_of_pixel(x, y))];
                if state.wet { layer.at(x, y) } else { old }
            });
        }
    }

    /// A painting that took a preview over was stopped before its end. Its pixels stand beside those of the preview, which
    /// are not to be: what stays is decoded once more, as a painting of no cells, before its entry ends.
    pub(super) fn leave_preview(&mut self) {
        self.staged = None;
        let (Some(painting), Some(facts)) = (self.activity.painting_mut(), &self.facts) else {
            return;
        };
        painting.preview = None;
        painting.second_look = None;
        painting.open.clear();
        (painting.is_staged, painting.is_paused, painting.is_stopped) = (false, false, true);
        let job = JobId::next();
        painting.job = job;
        let request = planning::request(&self.picture, facts, &BTreeSet::new(), &self.focus);
        let drafts = self.picture.codes();
        let scale = self.scale(facts);
        self.refresh_all();
        self.send_painting(job, scale, request, drafts, Run::On);
    }
}
