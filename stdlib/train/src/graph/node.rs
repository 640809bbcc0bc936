//! A recurrent layer as one node of burn's autodiff graph on its CPU backend.
//!
//! Written in tensor operations a layer is hundreds of nodes and six times slower; here the graph sees
//! one, whose two ways are those of `kernel`.

use std::sync::Arc;

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::flex::FlexTensor;
use burn::backend::{Autodiff, Flex};
use burn::tensor::{Shape, Tensor, TensorData};

use crate::kernel::shards::{Shard, run, run_back};
use crate::kernel::{WantInputs, Weights, Workspace};
use crate::operation::Cell;

type Graph = Autodiff<Flex, NoCheckpointing>;

/// Runs a layer over `x` `[steps, batch, inputs]`: `w_ih` `[inputs, gates · units]`, `w_hh`
/// `[units, gates · units]`, `bias` `[4 · units]`; returns the outputs `[steps, batch, units]`.
///
/// Nothing when a tensor does not live in an autodiff graph over burn's CPU backend.
pub(super) fn recurrent(
    workspace: &Workspace,
    cell: Cell,
    x: Tensor<3>,
    w_ih: Tensor<2>,
    w_hh: Tensor<2>,
    bias: Tensor<1>,
) -> Option<Tensor<3>> {
    let [steps, batch, inputs] = x.dims();
    let [units, _] = w_hh.dims();
    let x = x.try_into_primitive::<Graph>().ok()?;
    let w_ih = w_ih.try_into_primitive::<Graph>().ok()?;
    let w_hh = w_hh.try_into_primitive::<Graph>().ok()?;
    let bias = bias.try_into_primitive::<Graph>().ok()?;
    let parents = [x.node(), w_ih.node(), w_hh.node(), bias.node()];
    let [x, w_ih, w_hh, bias] =
        [x, w_ih, w_hh, bias].map(|tensor| tensor.into_primitive().to_contiguous());

    let weights =
        Weights::new(cell, (inputs, units), [values(&w_ih), values(&w_hh), values(&bias)]);
    let (shards, outputs) = run(workspace, weights, values(&x), steps, batch);
    let outputs = tensor(outputs, [steps, batch, units]);
    let prepared = Backward::<Flex, 4>::prepare::<NoCheckpointing>(WayBack, parents);
    let outputs = match prepared.compute_bound().stateful() {
        OpsKind::Tracked(node) => {
            let shape = [steps, batch, inputs, units];
            let (workspace, shards) = (workspace.clone(), Arc::new(shards));
            node.finish(Kept { workspace, cell, shards, shape, w_ih, w_hh, bias }, outputs)
        }
        OpsKind::UnTracked(node) => node.finish(outputs),
    };
    Some(Tensor::from_primitive::<Graph>(outputs))
}

/// The node's way back.
#[derive(Debug)]
struct WayBack;

/// What it needs from the way forward. Cloning shares.
#[derive(Clone, Debug)]
struct Kept {
    workspace: Workspace,
    cell: Cell,
    shards: Arc<Vec<Shard>>,
    /// Steps, batch, inputs, units.
    shape: [usize; 4],
    w_ih: FlexTensor,
    w_hh: FlexTensor,
    bias: FlexTensor,
}

impl Backward<Flex, 4> for WayBack {
    type State = Kept;

    fn backward(self, ops: Ops<Kept, 4>, grads: &mut Gradients, _: &mut Checkpointer) {
        let by_outputs = grads.consume::<Flex>(&ops.node).to_contiguous();
        let Kept { workspace, cell, shards, shape, w_ih, w_hh, bias } = ops.state;
        let [steps, batch, inputs, units] = shape;
        let [x_parent, w_ih_parent, w_hh_parent, bias_parent] = ops.parents;
        let weights =
            Weights::new(cell, (inputs, units), [values(&w_ih), values(&w_hh), values(&bias)]);
        let wanted = if x_parent.is_some() { WantInputs::Yes } else { WantInputs::No };
        let shards = Arc::unwrap_or_clone(shards);
        let by = run_back(&workspace, shards, weights, values(&by_outputs), wanted);

        if let (Some(parent), Some(by_x)) = (x_parent, by.x) {
            grads.register::<Flex>(parent.id, tensor(by_x.into_vec(), [steps, batch, inputs]));
        }
        if let Some(parent) = w_ih_parent {
            grads.register::<Flex>(
                parent.id,
                tensor(by.w_ih.into_vec(), [inputs, cell.gates() * units]),
            );
        }
        if let Some(parent) = w_hh_parent {
            grads.register::<Flex>(
                parent.id,
                tensor(by.w_hh.into_vec(), [units, cell.gates() * units]),
            );
        }
        if let Some(parent) = bias_parent {
            grads.register::<Flex>(parent.id, tensor(by.bias.into_vec(), [4 * units]));
        }
    }
}

/// The numbers of a contiguous tensor of f32. Of any other there are none, and the kernel, which
/// asserts its shapes, refuses them.
fn values(tensor: &FlexTensor) -> &[f32] {
    tensor.as_slice().unwrap_or_default()
}

fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D]) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(values, Shape::from(shape)))
}
