//! All colours, spacings and fonts. Dark and calm by default, so that the picture is the brightest thing.
#![expect(clippy::disallowed_methods, reason = "the one place where colours are made")]

use egui::{Color32, CornerRadius, FontFamily, FontId, Stroke, TextStyle, Visuals, vec2};

use crate::render::Palette;

/// Paint of the late sun: whatever is alive, or about to be.
pub(super) const ACCENT: Color32 = Color32::from_rgb(242, 166, 90);
const ON_ACCENT: Color32 = Color32::from_rgb(36, 22, 8);

pub(super) const GAP: f32 = 8.0;
pub(super) const TOOL_BUTTON: f32 = 34.0;
pub(super) const SIDE_WIDTH: f32 = 284.0;

/// The shades of one theme.
#[derive(Clone, Copy)]
struct Shades {
    canvas_around: Color32,
    panel: Color32,
    field: Color32,
    button: Color32,
    hovered: Color32,
    pressed: Color32,
    line: Color32,
    text: Color32,
    strong: Color32,
    weak: Color32,
}

const DARK: Shades = Shades {
    canvas_around: Color32::from_rgb(26, 27, 30),
    panel: Color32::from_rgb(36, 37, 41),
    field: Color32::from_rgb(27, 28, 31),
    button: Color32::from_rgb(53, 55, 60),
    hovered: Color32::from_rgb(66, 68, 74),
    pressed: Color32::from_rgb(78, 80, 87),
    line: Color32::from_rgb(49, 51, 56),
    text: Color32::from_rgb(206, 204, 199),
    strong: Color32::from_rgb(240, 238, 233),
    weak: Color32::from_rgb(150, 150, 148),
};

const LIGHT: Shades = Shades {
    canvas_around: Color32::from_rgb(196, 196, 194),
    panel: Color32::from_rgb(232, 231, 228),
    field: Color32::from_rgb(250, 249, 247),
    button: Color32::from_rgb(215, 214, 210),
    hovered: Color32::from_rgb(204, 203, 198),
    pressed: Color32::from_rgb(192, 191, 186),
    line: Color32::from_rgb(208, 207, 203),
    text: Color32::from_rgb(52, 51, 48),
    strong: Color32::from_rgb(18, 17, 15),
    weak: Color32::from_rgb(104, 103, 99),
};

fn shades(visuals: &Visuals) -> Shades {
    if visuals.dark_mode { DARK } else { LIGHT }
}

pub(super) fn install(ctx: &egui::Context) {
    ctx.style_mut_of(egui::Theme::Dark, |style| dress(style, Visuals::dark(), DARK));
    ctx.style_mut_of(egui::Theme::Light, |style| dress(style, Visuals::light(), LIGHT));
}

pub(super) fn choose(ctx: &egui::Context, is_light: bool) {
    ctx.set_theme(if is_light { egui::Theme::Light } else { egui::Theme::Dark });
}

fn dress(style: &mut egui::Style, visuals: Visuals, shades: Shades) {
    style.visuals = visuals;
    let it = &mut style.visuals;
    it.panel_fill = shades.panel;
    it.window_fill = shades.panel;
    it.extreme_bg_color = shades.field;
    it.text_edit_bg_color = Some(shades.field);
    it.faint_bg_color = shades.field;
    it.window_stroke = Stroke::new(1.0, shades.line);
    it.window_corner_radius = CornerRadius::same(8);
    it.menu_corner_radius = CornerRadius::same(6);
    it.selection.bg_fill = ACCENT.gamma_multiply(0.35);
    it.selection.stroke = Stroke::new(1.0, accent_ink(it));
    it.hyperlink_color = ACCENT;
    it.weak_text_color = Some(shades.weak);

    let corner = CornerRadius::same(5);
    let widgets = &mut it.widgets;
    for (widget, fill, text) in [
        (&mut widgets.noninteractive, shades.panel, shades.text),
        (&mut widgets.inactive, shades.button, shades.text),
        (&mut widgets.hovered, shades.hovered, shades.strong),
        (&mut widgets.active, shades.pressed, shades.strong),
        (&mut widgets.open, shades.hovered, shades.strong),
    ] {
        widget.bg_fill = fill;
        widget.weak_bg_fill = fill;
        widget.bg_stroke = Stroke::NONE;
        widget.fg_stroke = Stroke::new(1.2, text);
        widget.corner_radius = corner;
        widget.expansion = 0.0;
    }
    widgets.noninteractive.bg_stroke = Stroke::new(1.0, shades.line);

    style.spacing.item_spacing = vec2(GAP, 6.0);
    style.spacing.button_padding = vec2(10.0, 5.0);
    style.spacing.interact_size.y = 26.0;
    style.spacing.slider_width = 104.0;
    for (text_style, size) in [
        (TextStyle::Small, 11.5),
        (TextStyle::Body, 13.5),
        (TextStyle::Button, 13.5),
        (TextStyle::Heading, 15.0),
    ] {
        style.text_styles.insert(text_style, FontId::new(size, FontFamily::Proportional));
    }
}

/// The big button: it stands out as long as there is something to do.
pub(super) fn primary_button(label: &str) -> egui::Button<'_> {
    egui::Button::new(egui::RichText::new(label).color(ON_ACCENT).strong()).fill(ACCENT)
}

pub(super) fn canvas_around(visuals: &Visuals) -> Color32 {
    shades(visuals).canvas_around
}

pub(super) fn strong(visuals: &Visuals) -> Color32 {
    shades(visuals).strong
}

pub(super) fn rail(visuals: &Visuals) -> Color32 {
    shades(visuals).button
}

/// Of an icon that is on: the accent, dark enough to be seen.
pub(super) fn accent_ink(visuals: &Visuals) -> Color32 {
    if visuals.dark_mode { ACCENT } else { Color32::from_rgb(170, 86, 12) }
}

/// For words that are to be heeded.
pub(super) fn warning(visuals: &Visuals) -> Color32 {
    if visuals.dark_mode { Color32::from_rgb(232, 140, 84) } else { Color32::from_rgb(168, 66, 14) }
}

/// Light enough on dark, dark enough on light: for lines over the picture.
pub(super) fn cursor_lines() -> [Color32; 2] {
    [Color32::from_black_alpha(150), Color32::from_white_alpha(220)]
}

/// Behind what is transparent.
pub(super) fn squares(visuals: &Visuals) -> [Color32; 2] {
    let Palette { light_square, dark_square, .. } = palette(visuals);
    [light_square, dark_square].map(|[red, green, blue, _]| Color32::from_rgb(red, green, blue))
}

/// Strokes over what is to be kept, and over what is to be dropped.
pub(super) fn keep_and_drop() -> [Color32; 2] {
    [
        Color32::from_rgba_unmultiplied(110, 220, 120, 190),
        Color32::from_rgba_unmultiplied(235, 70, 60, 190),
    ]
}

/// How much of a layer a mask shows.
pub(super) const fn coverage(alpha: u8) -> Color32 {
    Color32::from_gray(alpha)
}

/// Behind the row of the layer that is drawn on, and behind one under the pointer.
pub(super) fn row_fills(visuals: &Visuals) -> [Color32; 2] {
    let shades = shades(visuals);
    [
        ACCENT.gamma_multiply(if visuals.dark_mode { 0.22 } else { 0.30 }),
        shades.button.gamma_multiply(0.6),
    ]
}

/// What a picture is multiplied with that is to be another one in a moment.
pub(super) const fn waiting_tint() -> Color32 {
    Color32::from_gray(150)
}

pub(super) fn weak(visuals: &Visuals) -> Color32 {
    shades(visuals).weak
}

pub(super) fn line(visuals: &Visuals) -> Color32 {
    shades(visuals).line
}

pub(super) fn palette(visuals: &Visuals) -> Palette {
    let squares = if visuals.dark_mode {
        ([62, 63, 67, 255], [56, 57, 61, 255])
    } else {
        ([236, 236, 234, 255], [222, 222, 220, 255])
    };
    Palette {
        light_square: squares.0,
        dark_square: squares.1,
        accent: ACCENT.to_array(),
        artist: [120, 200, 220, 230],
        grid_line: [255, 255, 255, 44],
        border: [0, 0, 0, 170],
        shadow: [0, 0, 0, 130],
    }
}
