export { IdentityModule } from './identity.module';
export { writeInstanceFile } from './instance-file';
export { InstanceService } from './instance.service';
