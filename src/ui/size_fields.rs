//! Width and height in pixels, as they are typed.

use super::forms::Unfit;
use egui::{Response, vec2};

use super::icons::{self, Icon};
use super::layer_icons::LayerIcon;

const FIELD_WIDTH: f32 = 74.0;

/// Two fields side by side.
pub(super) struct SizeFields {
    texts: [String; 2],
    /// Whether they have not been seen yet.
    is_new: bool,
}

/// What became of them in a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edited {
    Nothing,
    Width,
    Height,
    Swapped,
}

impl SizeFields {
    pub(super) fn new(size: [u32; 2]) -> Self {
        Self { texts: size.map(|it| it.to_string()), is_new: true }
    }

    /// What they say.
    ///
    /// # Errors
    /// Says what is wrong.
    pub(super) fn size(&self) -> Result<[u32; 2], Unfit> {
        let parsed = |idx: usize, side: &'static str| {
            let text = self.texts[idx].trim();
            match text.parse::<u32>() {
                Ok(pixels) if 0 < pixels => Ok(pixels),
                Ok(_) => Err(Unfit::NoPixel(side)),
                Err(_) if text.is_empty() => Err(Unfit::NoSize(side)),
                Err(_) => Err(Unfit::NoNumber { side, text: text.to_owned() }),
            }
        };
        Ok([parsed(0, "width")?, parsed(1, "height")?])
    }

    pub(super) fn set(&mut self, size: [u32; 2]) {
        self.texts = size.map(|it| it.to_string());
    }

    pub(super) fn ui(&mut self, ui: &mut egui::Ui) -> Edited {
        let before = self.texts.clone();
        ui.spacing_mut().item_spacing.x = 6.0;
        let width = self.field_ui(ui, 0, "Width in pixels");
        ui.weak("×");
        self.field_ui(ui, 1, "Height in pixels");
        ui.weak("px");
        if self.is_new {
            self.is_new = false;
            width.request_focus();
        }
        let icon = Icon::Layer(LayerIcon::Swap);
        if icons::sized_button(ui, icon, "Swap width and height", false, 26.0).clicked() {
            self.texts.swap(0, 1);
            return Edited::Swapped;
        }
        match (self.texts[0] != before[0], self.texts[1] != before[1]) {
            (true, _) => Edited::Width,
            (false, true) => Edited::Height,
            (false, false) => Edited::Nothing,
        }
    }

    fn field_ui(&mut self, ui: &mut egui::Ui, idx: usize, name: &str) -> Response {
        let field = egui::TextEdit::singleline(&mut self.texts[idx])
            .char_limit(7)
            .margin(egui::Margin::symmetric(8, 4))
            .min_size(vec2(0.0, 26.0))
            .align(egui::Align2::LEFT_CENTER)
            .desired_width(FIELD_WIDTH - 16.0);
        let field = ui.add(field);
        field.widget_info(|| egui::WidgetInfo::labeled(egui::Role::TextInput, true, name));
        field
    }
}
