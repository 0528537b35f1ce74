//! One kind of load by itself, for as long as a profiler wants to look at it.

use std::time::Duration;

use crate::process::Binary;
use crate::rounds::{Lane, Load, Stand, drive};
use crate::world::{Scene, World};
use crate::{Result, applications, note, provider};

/// Drives a server that was just started, and says what each request or sign-in cost it.
pub(crate) async fn measure(
    binary: &Binary,
    load: Load,
    (window, answers): (Duration, usize),
    scene: &Scene,
) -> Result<String> {
    let provider = provider::serve(scene.users()).await?;
    let data_dir = binary.scratch()?;
    let mut world = World::build(binary.start(data_dir.path()).await?, &provider, scene).await?;
    if applications::ALL.contains(&load) {
        applications::set(&mut world, &provider, scene).await?;
    }
    note(&format!("driving process {}", world.server.process.id()));
    let stand = Stand::new(Lane::Empty, &world, &[]);
    let sample = drive(&stand, load, window, answers).await?;
    world.server.stop().await?;
    Ok(format!("{load:?}: {:.4} server cpu ms each, {:.0} 1/s\n", sample.cpu_millis(), sample.rate()))
}
