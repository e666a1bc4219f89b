//! One frame's worth of canvas, handed to egui as a paint callback.
//!
//! It is complete: which of it is new, [`CanvasResources`] finds out by itself. So a frame that
//! egui throws away takes nothing with it.

use super::resources::CanvasResources;
use super::style::{CellStyle, Palette};
use super::view::{View, Viewport};
use crate::base::{Cell, Grid, Mask, PixelRect};
use crate::compose::Composition;

/// One frame's worth of canvas.
#[derive(Clone, Debug)]
pub struct CanvasPaint {
    pub view: View,
    /// The callback's rectangle in physical pixels.
    pub viewport: Viewport,
    /// What is seen of the picture.
    pub canvas: PixelRect,
    /// What is on the grid, the canvas among it. Only tiles that are composed otherwise than in the last frame are drawn.
    pub picture: Composition,
    /// Shown as marching ants along the pixels that belong by half or more.
    pub selection: Option<Mask>,
    pub grid: Grid,
    /// One per cell, row by row; cells that are missing look plain.
    pub cells: Vec<CellStyle>,
    /// Where the model paints now.
    pub cell_in_hand: Option<Cell>,
    /// Any clock that keeps on running.
    pub now_secs: f32,
    pub palette: Palette,
}

impl CanvasPaint {
    /// Whether the canvas looks otherwise a moment later, though nothing happens.
    #[must_use]
    pub fn is_moving(&self) -> bool {
        self.selection.is_some() || self.cells.iter().any(|it| it.is_wet(self.now_secs))
    }
}

impl egui_wgpu::CallbackTrait for CanvasPaint {
    fn prepare(
        &self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        _screen: &egui_wgpu::ScreenDescriptor,
        _encoder: &mut wgpu::CommandEncoder,
        resources: &mut egui_wgpu::CallbackResources,
    ) -> Vec<wgpu::CommandBuffer> {
        if let Some(canvas) = resources.get_mut::<CanvasResources>() {
            canvas.update(device, queue, self);
        }
        Vec::new()
    }

    fn paint(
        &self,
        _info: egui::PaintCallbackInfo,
        pass: &mut wgpu::RenderPass<'static>,
        resources: &egui_wgpu::CallbackResources,
    ) {
        if let Some(canvas) = resources.get::<CanvasResources>() {
            canvas.draw(pass);
        }
    }
}
