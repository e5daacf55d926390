export { IdentityModule } from './identity.module';
export { InstanceService } from './instance.service';
