//! The icons of the layers panel, drawn with a few lines each on a square of 24 units.

use super::icons::Pen;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LayerIcon {
    Shown,
    Hidden,
    Folder,
    /// A group of which only the name is shown.
    Folded,
    Unfolded,
    Locked,
    AlphaLocked,
    Clipped,
    /// The model does not see it.
    Unread,
    New,
    NewGroup,
    Duplicate,
    MergeDown,
    Delete,
    Swap,
}

pub(super) fn draw(pen: &Pen<'_>, icon: LayerIcon) {
    match icon {
        LayerIcon::Shown => {
            pen.closed(&eye());
            pen.fill(&circle(12.0, 12.0, 3.6));
        }
        LayerIcon::Hidden => pen.line(&lid()),
        LayerIcon::Folder => pen.closed(&folder()),
        LayerIcon::Folded => pen.fill(&[(8.0, 5.0), (17.0, 12.0), (8.0, 19.0)]),
        LayerIcon::Unfolded => pen.fill(&[(5.0, 8.0), (19.0, 8.0), (12.0, 17.0)]),
        LayerIcon::Locked => draw_padlock(pen),
        LayerIcon::AlphaLocked => {
            pen.closed(&[(3.5, 3.5), (20.5, 3.5), (20.5, 20.5), (3.5, 20.5)]);
            pen.fill(&[(3.5, 3.5), (12.0, 3.5), (12.0, 12.0), (3.5, 12.0)]);
            pen.fill(&[(12.0, 12.0), (20.5, 12.0), (20.5, 20.5), (12.0, 20.5)]);
        }
        LayerIcon::Clipped => {
            pen.line(&[(17.0, 3.5), (17.0, 6.0), (8.0, 6.0), (8.0, 18.0)]);
            pen.fill(&[(3.0, 15.0), (13.0, 15.0), (8.0, 22.0)]);
        }
        LayerIcon::Unread => {
            pen.closed(&eye());
            pen.line(&[(4.0, 20.5), (20.0, 3.5)]);
        }
        LayerIcon::New => {
            pen.closed(&[(4.0, 4.0), (20.0, 4.0), (20.0, 20.0), (4.0, 20.0)]);
            plus(pen, 12.0, 12.0);
        }
        LayerIcon::NewGroup => {
            pen.closed(&folder());
            plus(pen, 12.0, 13.5);
        }
        LayerIcon::Duplicate => {
            pen.closed(&[(8.0, 8.0), (21.0, 8.0), (21.0, 21.0), (8.0, 21.0)]);
            pen.line(&[(16.0, 5.0), (16.0, 3.0), (3.0, 3.0), (3.0, 16.0), (5.0, 16.0)]);
        }
        LayerIcon::MergeDown => {
            pen.line(&[(12.0, 2.0), (12.0, 10.0)]);
            pen.fill(&[(6.5, 9.0), (17.5, 9.0), (12.0, 16.0)]);
            pen.line(&[(3.0, 20.0), (21.0, 20.0)]);
        }
        LayerIcon::Delete => draw_bin(pen),
        LayerIcon::Swap => {
            pen.line(&[(3.0, 8.0), (18.0, 8.0)]);
            pen.fill(&[(16.0, 3.5), (22.0, 8.0), (16.0, 12.5)]);
            pen.line(&[(6.0, 17.0), (21.0, 17.0)]);
            pen.fill(&[(8.0, 12.5), (2.0, 17.0), (8.0, 21.5)]);
        }
    }
}

fn draw_padlock(pen: &Pen<'_>) {
    let bow = [(7.5, 11.0), (7.5, 7.0), (9.5, 4.0), (14.5, 4.0), (16.5, 7.0), (16.5, 11.0)];
    pen.line(&bow);
    pen.fill(&[(4.5, 11.0), (19.5, 11.0), (19.5, 21.5), (4.5, 21.5)]);
}

fn draw_bin(pen: &Pen<'_>) {
    pen.line(&[(3.5, 6.0), (20.5, 6.0)]);
    pen.line(&[(9.0, 5.5), (9.0, 2.5), (15.0, 2.5), (15.0, 5.5)]);
    pen.line(&[(5.5, 6.0), (6.5, 21.5), (17.5, 21.5), (18.5, 6.0)]);
    pen.line(&[(10.0, 10.5), (10.0, 17.5)]);
    pen.line(&[(14.0, 10.5), (14.0, 17.5)]);
}

fn folder() -> [(f32, f32); 6] {
    [(2.5, 4.5), (9.5, 4.5), (11.5, 7.5), (21.5, 7.5), (21.5, 20.0), (2.5, 20.0)]
}

fn plus(pen: &Pen<'_>, x: f32, y: f32) {
    pen.line(&[(x - 4.0, y), (x + 4.0, y)]);
    pen.line(&[(x, y - 4.0), (x, y + 4.0)]);
}

fn circle(x: f32, y: f32, radius: f32) -> Vec<(f32, f32)> {
    let turn = |it: u8| f32::from(it) / 16.0 * std::f32::consts::TAU;
    (0..16).map(turn).map(|it| (x + radius * it.cos(), y + radius * it.sin())).collect()
}

/// The lower lid from the left to the right.
fn lid() -> Vec<(f32, f32)> {
    let at = |it: u8| {
        let along = f32::from(it) / 8.0;
        (1.5 + 21.0 * along, 12.0 + 7.5 * (std::f32::consts::PI * along).sin())
    };
    (0..=8).map(at).collect()
}

fn eye() -> Vec<(f32, f32)> {
    let lower = lid();
    let upper = lower.iter().rev().map(|&(x, y)| (x, 24.0 - y));
    // The corners belong to both lids.
    lower.iter().copied().chain(upper.skip(1).take(7)).collect()
}
